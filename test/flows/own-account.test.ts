/** Another name, another address, and the end of an account, as a person at a browser. */

import { beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { insertMember } from '../../src/storage/people/members.ts';
import { addAccount, password } from '../accounts/people.ts';
import { makeWorld } from '../organizations/world.ts';
import { forAllTests, forEachTest } from '../support/for-all-tests.ts';
import { startTestServer } from '../support/server.ts';
import { enterPassword, signInBy } from '../support/sign-in.ts';
import { createUserAgent, fill } from '../support/user-agent.ts';
import { linkTo, newestMail } from './mailed-links.ts';

const server = forAllTests(startTestServer);
const account = forEachTest(() => addAccount(server.database.db));
const agent = forEachTest(() => createUserAgent(server.issuer));
let other: string;
beforeEach(async () => {
  other = `${newId()}@new.test`;
  await signInAs(account.email, agent);
});

const rows = (sql: string, ...values: unknown[]) =>
  server.database.db.query<Record<string, unknown>>(statement(sql), values);

const signInAs = (email: string, by = createUserAgent(server.issuer), secret = password) =>
  signInBy(by, email, secret);

/** The sign-in of every session of the account was so long ago. */
const ageSessions = () =>
  rows(
    `update sessions set payload = jsonb_set(payload, '{loginTs}', to_jsonb((payload ->> 'loginTs')::int - 700))
      where account_id = $1`,
    account.id,
  );

const send = async (path: string, name: string, value: string) =>
  agent.submit(await agent.get(path), (fields) => fill(fields, name, value), path);

describe('the name', () => {
  test('is changed, and written down', async () => {
    const page = await send('/account/name', 'name', ' Ada  Lovelace ');
    expect(page.html).toContain('Your name is changed');
    expect(page.html).toContain('Ada  Lovelace');
    const events = await rows(
      `select 1 from audit_events where action = 'account.renamed' and actor_account_id = $1`,
      account.id,
    );
    expect(events).toHaveLength(1);
  });

  test.each(['', 'www.evil.test', 'a\u202eb', 'Usher Support', 'x'.repeat(101)])(
    'is no "%s"',
    async (name) => {
      const page = await send('/account/name', 'name', name);
      expect([page.status, page.html.includes('aria-invalid="true"')]).toEqual([422, true]);
    },
  );
});

describe('the address', () => {
  test('is changed by the link to the new one, both are told, and links to the old one end', async () => {
    const elsewhere = createUserAgent(server.issuer);
    await elsewhere.submit(await elsewhere.get('/reset'), (fields) =>
      fill(fields, 'email', account.email),
    );
    const reset = await linkTo(server, account.email);
    expect((await send('/account/email', 'email', other.toUpperCase())).html).toContain(
      'sent a link',
    );
    const path = await linkTo(server, other);
    const page = await agent.get(path);
    expect(page.html).toContain(account.email);
    expect(await rows('select 1 from accounts where email = $1', other)).toEqual([]);
    const done = await agent.submit(page, undefined, path);
    expect(done.html).toContain('Your email is confirmed');
    for (const email of [account.email, other]) {
      const told = await newestMail(server, email);
      expect(told?.text).toContain(`from ${account.email} to ${other}`);
    }
    expect((await elsewhere.get(reset)).status).toBe(410);
    expect((await agent.get(path)).status).toBe(410);
    expect((await signInAs(other)).url).toMatch(/\/organizations$/);
    expect((await signInAs(account.email)).status).toBe(422);
  });

  test('asks for a sign-in of just now, before the form and after it', async () => {
    const page = await agent.get('/account/email');
    await ageSessions();
    expect((await agent.get('/account/email')).url).toContain('/sign-in?again=yes');
    const late = await agent.submit(
      page,
      (fields) => fill(fields, 'email', other),
      '/account/email',
    );
    expect(late.url).toContain('/sign-in?again=yes');
    expect(await newestMail(server, other)).toBeUndefined();
    const again = await enterPassword(agent, late, account.email, password);
    expect(again.url).toMatch(/\/account\/email$/);
  });

  test.each([
    ['no address', () => 'nobody', 'Enter an email'],
    ['a look-alike letter', () => account.email.replace('a', 'а'), 'email-error'],
    ['a domain outside ASCII', () => 'ada@exämple.com', 'ada@xn--exmple-cua.com'],
    ['the same, spelled otherwise', () => account.email.toUpperCase(), 'that you have already'],
  ])('is refused: %s', async (_what, email, why) => {
    const page = await send('/account/email', 'email', email());
    expect([page.status, page.html.includes(why)]).toEqual([422, true]);
  });

  test('of another account is said by nobody but the mail, and given to nobody', async () => {
    const { email: taken } = await addAccount(server.database.db);
    expect((await send('/account/email', 'email', taken)).html).toContain('sent a link');
    const path = await linkTo(server, taken);
    const page = await agent.submit(await agent.get(path), undefined, path);
    expect([page.status, page.html.includes('Another account uses this email')]).toEqual([
      409,
      true,
    ]);
    expect((await signInAs(taken)).url).toMatch(/\/organizations$/);
  });

  test('is changed by nobody else who has the link, and by no link that is over', async () => {
    await send('/account/email', 'email', other);
    const path = await linkTo(server, other);
    const { email } = await addAccount(server.database.db);
    const stranger = createUserAgent(server.issuer);
    expect((await stranger.get(path)).html).not.toContain('<form');
    await signInAs(email, stranger);
    expect((await stranger.get(path)).html).not.toContain(`action="${path}"`);

    await send('/account/email', 'email', `x${other}`);
    await linkTo(server, `x${other}`);
    expect((await agent.get(path)).html).toContain('A newer link was sent');
    expect((await agent.get('/account/email/usher_address_x')).status).toBe(404);
  });

  test('that was never proven is proven in the same way', async () => {
    await rows('update accounts set email_verified_at = null where id = $1', account.id);
    expect((await agent.get('/account')).html).toContain('You haven’t confirmed this email yet');
    await send('/account/email', 'email', account.email);
    const path = await linkTo(server, account.email);
    await agent.submit(await agent.get(path), undefined, path);
    expect((await agent.get('/account')).html).not.toContain('You haven’t confirmed');
  });
});

describe('the end', () => {
  test('lists what ends by name, then ends it, and a short mail tells it', async () => {
    const { db } = server.database;
    const { ids } = await makeWorld(db);
    const place = { organizationId: ids.organizationId, accountId: account.id };
    await insertMember(db, { ...place, role: 'organization_member' });
    await rows(`update organizations set name = 'Engines & Co' where id = $1`, ids.organizationId);
    await rows(
      `insert into consents (id, account_id, client_id, version, asked_scope, given_scope)
       select gen_random_uuid(), $1, id, 1, 'openid', 'openid' from clients where name = 'Demo App'`,
      account.id,
    );
    await send('/account/email', 'email', other);
    const page = await agent.get('/account/delete');
    for (const name of ['Engines &amp; Co', 'Demo App', 'in 1 browser'])
      expect(page.html).toContain(name);
    const [done, twice] = await Promise.all(
      [1, 2].map(() => agent.submit(page, undefined, '/account/delete')),
    );
    expect([twice?.status, twice?.url]).toEqual([done?.status, done?.url]);
    expect(done?.html).toContain('Your account is deleted');
    expect((await agent.get('/account')).url).toContain('/sign-in');
    expect((await signInAs(account.email)).status).toBe(422);
    expect(await newestMail(server, account.email)).toMatchObject({
      subject: 'Your account was deleted',
    });
    expect(await rows('select 1 from account_links where account_id = $1', account.id)).toEqual([]);
    expect(await newestMail(server, other)).toBeUndefined();
  });

  test('is refused to the only administrator, with the names and the way on', async () => {
    const { db } = server.database;
    const { ids } = await makeWorld(db);
    const place = { organizationId: ids.organizationId, accountId: account.id };
    const page = await agent.get('/account/delete');
    await rows('delete from organization_members where organization_id = $1', ids.organizationId);
    await insertMember(db, { ...place, role: 'organization_admin' });
    await rows(`update organizations set name = 'Engines & Co' where id = $1`, ids.organizationId);
    const refused = await agent.submit(page, undefined, '/account/delete'); // since the page was shown
    expect(refused.status).toBe(409);
    expect(refused.html).toContain('Engines &amp; Co');
    expect(refused.html).toContain('Make somebody else an administrator there');
    expect(refused.html).not.toContain('action="/account/delete"');
    expect((await agent.get('/account')).status).toBe(200);
  });

  test('asks for a sign-in of just now', async () => {
    const page = await agent.get('/account/delete');
    await ageSessions();
    expect((await agent.get('/account/delete')).url).toContain('/sign-in?again=yes');
    const late = await agent.submit(page, undefined, '/account/delete');
    expect(late.url).toContain('/sign-in?again=yes');
    expect((await signInAs(account.email)).url).toMatch(/\/organizations$/);
  });
});
