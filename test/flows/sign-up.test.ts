/** A new account, and what a stranger who was there first has of it afterwards: nothing. */

import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { invite } from '../../src/organizations/invitations.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { insertPasskey, listPasskeys } from '../../src/storage/people/passkeys.ts';
import { addAccount, password as oldPassword } from '../accounts/people.ts';
import { commandsOn } from '../operator/operators.ts';
import { emailOf, inSession, makeAccount, makeWorld } from '../organizations/world.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { startTestServer } from '../support/server.ts';
import { signInBy } from '../support/sign-in.ts';
import { createUserAgent, fill, type Page, type UserAgent } from '../support/user-agent.ts';
import { linkTo, newestMail } from './mailed-links.ts';

const password = 'velvet turbine';

const server = forAllTests(() => startTestServer({ SIGN_UP: 'open' }));
let agent: UserAgent;
let email: string;
beforeEach(() => {
  agent = createUserAgent(server.issuer);
  email = `${newId()}@new.test`;
});

const rows = (sql: string, ...values: unknown[]) =>
  server.database.db.query<Record<string, unknown>>(statement(sql), values);

const accountOf = async (address = email) =>
  (await rows('select * from accounts where email = $1', address))[0];

const ask = async (address = email, by = agent) =>
  by.submit(await by.get('/sign-up'), (fields) => fill(fields, 'email', address));

const complete = (page: Page, { name = 'New Person', secret = password, by = agent } = {}) =>
  by.submit(page, (fields) => fill(fill(fields, 'name', name), 'password', secret), '/sign-up/');

const signInAs = (email: string, secret: string, by = createUserAgent(server.issuer)) =>
  signInBy(by, email, secret);

describe('SIGN_UP=open', () => {
  test('makes an account by the link, its address proven, and nothing before that', async () => {
    expect((await agent.get('/sign-in')).html).toContain('href="/sign-up"');
    expect((await ask()).html).toContain('We’ve sent you an email');
    expect(await accountOf()).toBeUndefined();
    const path = await linkTo(server, email);
    const page = await agent.get(path);
    expect(page.html).toContain(email);
    expect(await accountOf()).toBeUndefined();
    const done = await complete(page);
    expect(done.html).toContain('Your account is ready');
    expect(await accountOf()).toMatchObject({
      name: 'New Person',
      email_verified_at: expect.any(Date),
    });
    expect((await createUserAgent(server.issuer).get(path)).status).toBe(410);
  });

  test('answers for a known address as for any other, and tells its owner by mail', async () => {
    const { email: known } = await addAccount(server.database.db);
    const [one, two] = await Promise.all(
      [email, known].map((address) => ask(address, createUserAgent(server.issuer))),
    );
    expect([two?.status, two?.url, two?.html]).toEqual([one?.status, one?.url, one?.html]);
    const mail = await newestMail(server, known);
    expect(mail?.subject).toBe('You already have an account');
    expect(mail?.text).not.toContain('/sign-up/');
    expect(await newestMail(server, email)).toMatchObject({ subject: 'Create your account' });
    await linkTo(server, email);
  });

  test.each([
    [
      'capital letters and full width',
      (address: string) => address.toUpperCase().replace('N', 'Ｎ'),
    ],
    ['a full stop at the end', (address: string) => `${address}.`],
  ])('takes the address in one form: %s', async (_what, spell) => {
    await ask(spell(email));
    await complete(await agent.get(await linkTo(server, email)));
    expect(await accountOf()).toBeDefined();
    await ask(spell(email), createUserAgent(server.issuer));
    expect((await newestMail(server, email))?.subject).toBe('You already have an account');
  });

  test('refuses a name that misleads and a password that is tried first, and stays open', async () => {
    await ask();
    const page = await agent.get(await linkTo(server, email));
    const named = await complete(page, { name: 'www.evil.test' });
    expect([named.status, named.html.includes('without a web address')]).toEqual([422, true]);
    const weak = await complete(named, { secret: 'password1' });
    expect([weak.status, weak.html.includes('most used passwords')]).toEqual([422, true]);
    expect((await complete(weak)).url).toContain('done=signed-up');
  });

  test('of two links of one address the first that is used makes the account', async () => {
    await ask();
    const first = await linkTo(server, email);
    await ask(email, createUserAgent(server.issuer));
    const second = await linkTo(server, email);
    expect(second).not.toBe(first);
    await complete(await agent.get(first));
    const late = await createUserAgent(server.issuer).get(second);
    expect([late.status, late.html.includes('an account with this email by now')]).toEqual([
      410,
      true,
    ]);
  });

  test('of two forms of one address that are open the first that is sent makes the account', async () => {
    await ask();
    const first = await linkTo(server, email);
    await ask(email, createUserAgent(server.issuer));
    const other = createUserAgent(server.issuer);
    const open = await other.get(await linkTo(server, email));
    await complete(await agent.get(first));
    const late = await complete(open, { secret: 'another turbine velvet', by: other });
    expect(late.status).toBe(410);
    expect((await signInAs(email, 'another turbine velvet')).status).toBe(422);
  });
});

test.each([
  ['invitation', 'Accounts are made by invitation.'],
  ['off', 'Ask the people who run this server'],
])('SIGN_UP=%s makes no account', async (setting, next) => {
  const closed = await startTestServer({ SIGN_UP: setting });
  const person = createUserAgent(closed.issuer);
  expect((await person.get('/sign-in')).html).not.toContain('/sign-up');
  const page = await person.get('/sign-up');
  expect([page.status, page.html.includes(next)]).toEqual([403, true]);
  const { db } = closed.database;
  const world = await makeWorld(db);
  const wish = { email, role: 'organization_member' } as const;
  await invite(db, inSession(world.accounts.admin), world.ids.organizationId, wish);
  const invitation = await person.get(await linkTo(closed, email));
  expect(invitation.html.includes('<form')).toBe(setting === 'invitation');
  await closed.close();
});

describe('a stranger who was there before the owner', () => {
  const strangers = 'stranger password known';

  /** An account under the address of somebody else, unproven, with all that can be left in one. */
  async function hijacked() {
    const run = commandsOn(server.database.db, server.issuer);
    const { link } = await run('operator', 'add', email);
    const stranger = createUserAgent(server.issuer);
    const page = await stranger.get(new URL(String(link)).pathname);
    await stranger.submit(page, (fields) => fill(fields, 'password', strangers), '/set-up/');
    const id = String((await accountOf())?.['id']);
    await rows(
      `insert into consents (id, account_id, client_id, version, asked_scope, given_scope)
       select gen_random_uuid(), $1, id, 1, 'openid', 'openid' from clients limit 1`,
      id,
    );
    const asked = await stranger.get('/account/email');
    const other = `${newId()}@stranger.test`;
    await stranger.submit(asked, (fields) => fill(fields, 'email', other), '/account/email');
    const trojan = await linkTo(server, other);
    expect(trojan).toMatch(/usher_address_/);
    await insertPasskey(server.database.db, {
      id: newId(),
      accountId: id,
      credentialId: randomBytes(16),
      publicKey: randomBytes(32),
      counter: 0,
      transports: [],
      relyingParty: 'localhost',
      name: 'Of a stranger',
    });
    return { id, stranger, trojan };
  }

  test('has nothing once the owner has set a password by mail', async () => {
    const { id, stranger, trojan } = await hijacked();
    await agent.submit(await agent.get('/reset'), (fields) => fill(fields, 'email', email));
    const page = await agent.get(await linkTo(server, email));
    expect(page.html).toContain('the first time that you confirm this email');
    await agent.submit(page, (fields) => fill(fields, 'password', password), '/reset/');

    expect((await stranger.get('/account')).url).toContain('/sign-in');
    expect((await signInAs(email, strangers)).status).toBe(422);
    expect(await listPasskeys(server.database.db, id)).toEqual([]);
    expect(await rows('select 1 from consents where account_id = $1', id)).toEqual([]);
    expect((await stranger.get(trojan)).status).toBe(410);
    expect(await accountOf()).toMatchObject({ id, email_verified_at: expect.any(Date) });
    expect((await signInAs(email, password)).url).toMatch(/\/organizations$/);
  });

  test('cannot prove the address, nor have its owner do it for them', async () => {
    const { id, stranger } = await hijacked();
    await rows('delete from passkeys where account_id = $1', id); // it would be asked for
    const asked = await stranger.get('/account/email');
    await stranger.submit(asked, (fields) => fill(fields, 'email', email), '/account/email');
    const path = await linkTo(server, email);
    const owner = await agent.get(path); // who opens what came by mail, and is not signed in
    expect(owner.html).toContain('If you didn’t ask, close this page');
    expect(owner.html).not.toContain('<form');
    expect(await accountOf()).toMatchObject({ email_verified_at: null });
  });
});

test('an account that others made for the address is taken over by the link', async () => {
  const accountId = await makeAccount(server.database.db);
  email = emailOf(accountId);
  await ask();
  await complete(await agent.get(await linkTo(server, email)));
  expect(await accountOf()).toMatchObject({ id: accountId, name: 'New Person' });
  expect((await signInAs(email, oldPassword)).status).toBe(422);
});
