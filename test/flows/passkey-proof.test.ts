/** Whoever has a passkey proves themselves by it before a way into the account is changed. */

import { beforeEach, describe, expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import { listPasskeys } from '../../src/storage/people/passkeys.ts';
import { addAccount, password } from '../accounts/people.ts';
import { createPasskey } from '../support/authenticator.ts';
import { forAllTests, forEachTest } from '../support/for-all-tests.ts';
import { startTestServer } from '../support/server.ts';
import { createUserAgent, fill, type Page } from '../support/user-agent.ts';
import { linkTo } from './mailed-links.ts';

const fresh = 'velvet turbine';
const added = '/account/security/passkeys';

const server = forAllTests(startTestServer);
const account = forEachTest(() => addAccount(server.database.db));
const agent = forEachTest(() => createUserAgent(server.issuer));
/** Another browser of the same person, or of somebody who knows the password. */
const other = forEachTest(() => createUserAgent(server.issuer));
const passkey = forEachTest(createPasskey);
beforeEach(async () => {
  await signIn(await agent.get('/sign-in'));
});

const db = () => server.database.db;

function signIn(page: Page, secret = password, by = agent): Promise<Page> {
  return by.submit(page, (fields) =>
    fill(fill(fill(fields, 'email', account.email), 'password', secret), 'action', 'sign-in'),
  );
}

async function make(one = passkey): Promise<Page> {
  const page = await agent.get('/account/security');
  const { challenge } = JSON.parse((await agent.get(`${added}/options`)).html);
  const credential = one.make({ challenge, origin: server.issuer });
  return agent.submit(page, (fields) => fill(fields, 'credential', credential), added);
}

async function use(page: Page): Promise<Page> {
  const { challenge } = JSON.parse((await agent.get('/sign-in/passkey/options')).html);
  const credential = passkey.use({ challenge, origin: server.issuer });
  return agent.submit(page, (fields) => fill(fields, 'credential', credential));
}

const passkeyIds = async () => (await listPasskeys(db(), account.id)).map(({ id }) => id);

/** A form of a page as somebody would send it who saw it before there was a passkey. */
const changes: [what: string, page: string, form: string, fields: Record<string, string>][] = [
  ['a passkey is removed', '/account/security', '/remove', {}],
  ['a passkey is renamed', '/account/security', '/name', { name: 'Mine' }],
  ['a passkey is added', '/account/security', added, { credential: '{}' }],
  ['the password is removed', '/account/security', '/account/security/password/remove', {}],
  [
    'the password is changed',
    '/account',
    '/account/password',
    { current_password: password, new_password: fresh, repeated_password: fresh },
  ],
  ['the address is changed', '/account/email', '/account/email', { email: 'x@stranger.test' }],
  ['the account is deleted', '/account/delete', '/account/delete', {}],
];

async function formOf(page: string, form: string): Promise<{ shown: Page; action: string }> {
  const shown = await agent.get(page);
  const actions = Array.from(shown.html.matchAll(/action="([^"]+)"/g), ([, to = '']) => to);
  const action = actions.find((one) => one === form || one.endsWith(form)) ?? '';
  expect(action).not.toBe('');
  return { shown, action };
}

const send = ({ shown, action }: { shown: Page; action: string }, fields: Record<string, string>) =>
  agent.submit(
    shown,
    (given) => Object.entries(fields).reduce((all, [name, value]) => fill(all, name, value), given),
    action,
  );

describe('after a sign-in by password alone', () => {
  beforeEach(async () => {
    await make();
    await use(await agent.get('/sign-in?again=yes&passkey=yes&next=/account/security'));
  });

  test.each(changes)('nothing happens when %s', async (_what, page, form, fields) => {
    const seen = await formOf(page, form); // while the proof was fresh
    await db().query(
      statement(`update sessions set payload = payload || '{"acr": "urn:usher:acr:password"}'
                  where account_id = $1`),
      [account.id],
    );
    const ids = await passkeyIds();
    const asked = await send(seen, fields);
    expect(asked.url).toContain('/sign-in?again=yes');
    expect(asked.url).toContain('passkey=yes');
    expect(asked.html).not.toContain('type="password"');
    expect(asked.html).toContain('Lost your passkey?');
    expect(await passkeyIds()).toEqual(ids);
    expect((await signIn(await other.get('/sign-in'), password, other)).url).toMatch(
      /\/organizations$/,
    );
    const [row] = await db().query<{ renamed: number }>(
      statement(
        'select count(*)::int as renamed from passkeys where account_id = $1 and name = $2',
      ),
      [account.id, 'Mine'],
    );
    expect(row?.renamed).toBe(0);
  });

  test('the pages offer no change, and say why', async () => {
    await signIn(await other.get('/sign-in'), password, other);
    for (const page of ['/account', '/account/security']) {
      const { html } = await other.get(page);
      expect(html).toContain('confirm it’s you with your passkey first');
      expect(html).not.toMatch(/type="password"|\/remove"|data-passkey="add"/);
    }
    expect((await other.get(`${added}/options`)).status).toBe(403);
  });
});

describe('after a sign-in by the passkey', () => {
  test('changes are made, and a new password does not make less of the session', async () => {
    await make();
    const back = await use(
      await agent.get('/sign-in?again=yes&passkey=yes&next=/account%23password'),
    );
    expect(back.url).toMatch(/\/account(#password)?$/);
    const passwords = { current_password: password, new_password: fresh, repeated_password: fresh };
    const changed = await send({ shown: back, action: '/account/password' }, passwords);
    expect(changed.url).toContain('done=password');
    const removed = await send(await formOf('/account/security', '/remove'), {});
    expect(removed.url).toContain('done=removed');
    expect(await passkeyIds()).toEqual([]);
  });
});

test('whoever has lost it gets in by mail, removes it, and goes on by password', async () => {
  await make();
  const asked = await agent.get('/account/email');
  expect(asked.html).toContain('href="/reset?next=');
  await agent.submit(await agent.get('/reset'), (fields) => fill(fields, 'email', account.email));
  const reset = await agent.get(await linkTo(server, account.email));
  await agent.submit(reset, (fields) => fill(fields, 'password', fresh), '/reset/');
  expect(await passkeyIds()).toEqual([]);
  expect((await agent.get('/account/email')).url).toMatch(/\/account\/email$/);
});

test('a passkey of another RP ID, which no browser offers here, is not asked for', async () => {
  await make();
  await db().query(
    statement(`update passkeys set relying_party = 'old.test' where account_id = $1`),
    [account.id],
  );
  const removed = await send(await formOf('/account/security', '/remove'), {});
  expect(removed.url).toContain('done=removed');
});
