/** The first person in: the link that an operator's command prints, as a person at a browser. */

import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import { commandsOn, freshEmail, type Run } from '../operator/operators.ts';
import { createPasskey } from '../support/authenticator.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { startTestServer } from '../support/server.ts';
import { signInBy } from '../support/sign-in.ts';
import { createUserAgent, fill, type Page, type UserAgent } from '../support/user-agent.ts';

const password = 'the password of the first one';

const server = forAllTests(startTestServer);
let run: Run;
beforeAll(async () => {
  const commands = commandsOn(server.database.db, server.issuer);
  const inTheName = ['--as', 'operator@usher.test'];
  run = (...args) => commands(...args, ...(args[0] === 'operator' ? [] : inTheName));
});

let agent: UserAgent;
let email: string;
let path: string;
beforeEach(async () => {
  await rows('delete from attempt_counters'); // all these people sit at one address
  agent = createUserAgent(server.issuer);
  email = freshEmail();
  path = pathOf(await run('operator', 'add', email));
});

const pathOf = ({ link }: { readonly [name: string]: unknown }) => new URL(String(link)).pathname;

const rows = (sql: string, ...values: unknown[]) =>
  server.database.db.query<Record<string, unknown>>(statement(sql), values);

const accountOf = async () =>
  (await rows('select * from accounts where email = $1', email))[0] ?? {};

const setPassword = (page: Page, secret = password, by = agent) =>
  by.submit(page, (fields) => fill(fields, 'password', secret), '/set-up/');

const signInAs = (email: string, secret: string, by = createUserAgent(server.issuer)) =>
  signInBy(by, email, secret);

describe('the link of a new operator', () => {
  test('sets the password, signs in, and proves no address', async () => {
    const page = await agent.get(path);
    expect(page.status).toBe(200);
    expect(page.html).toContain(email);
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(page.headers.get('cache-control')).toBe('no-store');
    const done = await setPassword(page);
    expect(done.url).toMatch(/\/account\?done=set-up$/);
    expect(done.html).toContain('Your password is set');
    expect(await accountOf()).toMatchObject({ email_verified_at: null });
    expect((await signInAs(email, password)).url).toMatch(/\/organizations$/);
  });

  test('is changed by nothing but its form', async () => {
    for (let round = 0; round < 3; round++) await agent.get(path);
    await fetch(`${server.issuer}${path}`, { method: 'HEAD' });
    const foreign = await fetch(`${server.issuer}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ password, token: 'x' }),
    });
    expect(foreign.status).toBe(403);
    expect(await accountOf()).toMatchObject({ password_hash: null });
    expect((await setPassword(await agent.get(path))).status).toBe(200);
  });

  test('takes a password that is long enough, and stays open until then', async () => {
    const refused = await setPassword(await agent.get(path), 'short');
    expect(refused.status).toBe(422);
    expect(refused.html).toMatch(/aria-invalid="true"/);
    expect(refused.html).toContain('Use at least 8 characters.');
    expect(refused.html).not.toContain('value="short"');
    expect((await setPassword(refused)).url).toContain('done=set-up');
  });

  test('works once, also for 8 who use it at the same moment', async () => {
    const agents = Array.from({ length: 8 }, () => createUserAgent(server.issuer));
    const pages = await Promise.all(agents.map((each) => each.get(path)));
    const ends = await Promise.all(
      agents.map((each, n) => setPassword(pages[n] as Page, `${password} ${n}`, each)),
    );
    const statuses = ends.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([200, ...Array(7).fill(410)]);
    const winner = ends.findIndex(({ status }) => status === 200);
    expect((await signInAs(email, `${password} ${winner}`)).url).toMatch(/\/organizations$/);
    const events = await rows(
      `select action from audit_events where action = 'password.set_up' and actor_account_id = $1`,
      (await accountOf())['id'],
    );
    expect(events).toHaveLength(1);
  });

  test('is known by its hash alone', async () => {
    const [row] = await rows(
      'select token_hash from set_up_links order by created_at desc limit 1',
    );
    expect(row?.['token_hash']).toHaveLength(32); // that no table holds it is checked at the end
  });
});

describe('a passkey by the link', () => {
  /** Asks what to make as the page's script does, makes it, and sends it. */
  async function addPasskey(page: Page, passkey = createPasskey(), by = agent) {
    const { challenge } = JSON.parse((await by.get(`${path}/passkey/options`)).html);
    const credential = passkey.make({ challenge, origin: server.issuer });
    return by.submit(page, (fields) => fill(fields, 'credential', credential), `${path}/passkey`);
  }

  const passkeys = async () =>
    rows('select from passkeys where account_id = $1', (await accountOf())['id']);

  test('signs in, and the page then shows what lets its owner in', async () => {
    const done = await addPasskey(await agent.get(path));
    expect(done.url).toMatch(/\/account\/security\?done=added$/);
    expect(await passkeys()).toHaveLength(1);
    expect(await accountOf()).toMatchObject({ password_hash: null, email_verified_at: null });
    const events = await rows(
      `select action from audit_events where actor_account_id = $1 and action like 'passkey.%'`,
      (await accountOf())['id'],
    );
    expect(events.map(({ action }) => action).toSorted()).toEqual([
      'passkey.added',
      'passkey.set_up',
    ]);
    const again = await run('operator', 'add', email);
    expect(again['link']).toBeUndefined(); // there is a way in
  });

  test('works once: what another tab sends meets what happened, and the way on', async () => {
    const page = await agent.get(path);
    const other = await agent.get(path);
    const { challenge } = JSON.parse((await agent.get(`${path}/passkey/options`)).html);
    await addPasskey(page);
    const late = createPasskey().make({ challenge, origin: server.issuer });
    const over = await agent.submit(
      other,
      (fields) => fill(fields, 'credential', late),
      `${path}/passkey`,
    );
    expect(over.status).toBe(410);
    expect(over.html).toContain('already been used');
    expect(over.html).toContain('href="/account"'); // this browser is signed in
    expect((await setPassword(other)).status).toBe(410);
    expect(await passkeys()).toHaveLength(1);
    expect((await agent.get(`${path}/passkey/options`)).status).toBe(403);
  });

  test('of 8 at once, two kinds, one counts', async () => {
    const agents = Array.from({ length: 8 }, () => createUserAgent(server.issuer));
    const pages = await Promise.all(agents.map((each) => each.get(path)));
    const ends = await Promise.all(
      agents.map((each, n) =>
        n % 2 === 0
          ? addPasskey(pages[n] as Page, createPasskey(), each)
          : setPassword(pages[n] as Page, `${password} ${n}`, each),
      ),
    );
    expect(ends.map(({ status }) => status).toSorted()).toEqual([200, ...Array(7).fill(410)]);
    const ways = (await passkeys()).length + ((await accountOf())['password_hash'] ? 1 : 0);
    expect(ways).toBe(1);
  });

  test('that is refused leaves the link open', async () => {
    const page = await agent.get(path);
    const { challenge } = JSON.parse((await agent.get(`${path}/passkey/options`)).html);
    const foreign = createPasskey().make({ challenge, origin: 'https://elsewhere.example' });
    const refused = await agent.submit(
      page,
      (fields) => fill(fields, 'credential', foreign),
      `${path}/passkey`,
    );
    expect(refused.status).toBe(422);
    expect(refused.html).toContain('made for another site');
    const known = createPasskey();
    await addPasskey(refused, known);
    const newer = pathOf(await run('account', 'link', email));
    path = newer;
    const again = await addPasskey(await agent.get(path), known);
    expect([again.status, again.html.includes('already in use')]).toEqual([422, true]);
    expect((await setPassword(again)).status).toBe(200);
  });

  test('of an account link ends the sessions elsewhere, and a challenge serves one account', async () => {
    await setPassword(await agent.get(path));
    const fresh = createUserAgent(server.issuer);
    path = pathOf(await run('account', 'link', email));
    const page = await fresh.get(path);
    const stranger = freshEmail();
    const strangers = pathOf(await run('operator', 'add', stranger));
    const { challenge } = JSON.parse((await fresh.get(`${strangers}/passkey/options`)).html);
    const credential = createPasskey().make({ challenge, origin: server.issuer });
    const crossed = await fresh.submit(
      page,
      (fields) => fill(fields, 'credential', credential),
      `${path}/passkey`,
    );
    expect(crossed.status).toBe(422);
    await addPasskey(crossed, createPasskey(), fresh);
    expect((await agent.get('/account')).url).toContain('/sign-in');
    expect((await fresh.get('/account')).status).toBe(200);
  });
});

describe('a link that does not work says what happened, and the way on', () => {
  async function showsOver(status: number, what: string, next: string): Promise<void> {
    const page = await agent.get(path);
    expect([page.status, page.html.includes(what), page.html.includes(next)]).toEqual([
      status,
      true,
      true,
    ]);
    expect(page.html).not.toContain('<form');
  }

  test('used', async () => {
    await setPassword(await agent.get(path));
    await showsOver(410, 'already been used', 'sign in');
    expect((await agent.get(path)).html).toContain('href="/account"');
    agent = createUserAgent(server.issuer);
    await showsOver(410, 'already been used', 'sign in');
    expect((await agent.get(path)).html).toContain('href="/sign-in"');
  });

  test('expired, by the clock of the database', async () => {
    const page = await agent.get(path);
    const end = `update set_up_links l set expires_at = now() from accounts a
                  where a.id = l.account_id and a.email = $1`;
    await rows(end, email);
    await showsOver(410, 'expired', 'a new one');
    expect((await setPassword(page)).status).toBe(410);
    expect(await accountOf()).toMatchObject({ password_hash: null });
  });

  test('replaced by a newer one', async () => {
    const newer = pathOf(await run('account', 'link', email));
    await showsOver(410, 'A newer link was made', 'newest link');
    expect((await setPassword(await agent.get(newer))).status).toBe(200);
  });

  test('of an account that is suspended', async () => {
    await run('account', 'suspend', email);
    await showsOver(403, 'suspended', 'Ask the people');
    await expect(run('account', 'link', email)).rejects.toMatchObject({ exitCode: 5 });
    await run('account', 'reinstate', email);
    expect((await setPassword(await agent.get(path))).status).toBe(200);
  });

  test('unknown', async () => {
    path = '/set-up/usher_setup_nothing';
    await showsOver(404, 'We don’t know this link', 'copied all of it');
  });

  test('of somebody else than who is signed in', async () => {
    await signInAs('member@acme.test', 'usher-demo', agent);
    const page = await agent.get(path);
    expect(page.html).toContain('member@acme.test');
    expect(page.html).toContain('/sign-out"');
    expect(page.html).not.toContain('<form');
    const token = (await createUserAgent(server.issuer).get(path)).html;
    expect(token).toContain('<form');
    expect(await accountOf()).toMatchObject({ password_hash: null });
  });
});

describe('account link', () => {
  test('sets a new password and signs out everywhere, also for somebody who has one', async () => {
    await setPassword(await agent.get(path));
    const elsewhere = createUserAgent(server.issuer);
    await signInAs(email, password, elsewhere);
    const { link, note } = await run('operator', 'add', email);
    expect([link, note]).toEqual([undefined, expect.stringContaining(`account link ${email}`)]);
    const fresh = createUserAgent(server.issuer);
    const page = await fresh.get(pathOf(await run('account', 'link', email)));
    await setPassword(page, 'another password', fresh);
    expect((await elsewhere.get('/account')).url).toContain('/sign-in');
    expect((await fresh.get('/account')).status).toBe(200);
    expect((await signInAs(email, password)).url).toContain('/sign-in');
  });

  test('is over once the password was changed otherwise', async () => {
    await setPassword(await agent.get(path));
    const link = pathOf(await run('account', 'link', email));
    const account = await agent.get('/account');
    await agent.submit(
      account,
      (fields) =>
        fill(
          fill(fill(fields, 'current_password', password), 'new_password', 'changed by myself'),
          'repeated_password',
          'changed by myself',
        ),
      '/account/password',
    );
    expect((await createUserAgent(server.issuer).get(link)).status).toBe(410);
  });
});

describe('an invitation whose link is printed', () => {
  const invitedBy = (words: string[]) =>
    run('invitation', 'add', email, '--organization', 'acme', ...words);

  const role = async () => {
    const [member] = await rows(
      `select m.role from organization_members m join accounts a on a.id = m.account_id
        where a.email = $1`,
      email,
    );
    return member?.['role'];
  };

  test('brings somebody new in, and proves no address', async () => {
    email = freshEmail();
    const link = pathOf(await invitedBy(['--print-link', '--admin']));
    const page = await agent.get(link);
    const done = await agent.submit(page, (fields) =>
      fill(fill(fields, 'name', 'New Person'), 'password', password),
    );
    expect(done.url).toContain('done=joined');
    expect(await role()).toBe('organization_admin');
    expect(await accountOf()).toMatchObject({ email_verified_at: null });
    expect((await agent.get(link)).status).toBe(404);
  });

  test('lets an account with an unproven address answer', async () => {
    await setPassword(await agent.get(path));
    const page = await agent.get(pathOf(await invitedBy(['--print-link'])));
    await agent.submit(page, (fields) => fill(fields, 'action', 'accept'), '/invitations/');
    expect(await role()).toBe('organization_member');
  });

  test('is listed, renewed with a new link, and cancelled', async () => {
    const first = pathOf(await invitedBy(['--print-link']));
    const second = pathOf(await invitedBy(['--print-link', '--admin']));
    expect((await agent.get(first)).status).toBe(404);
    expect((await agent.get(second)).status).toBe(200);
    const { invitations } = await run('invitation', 'list', '--organization', 'acme');
    expect(invitations).toContainEqual(
      expect.objectContaining({ email, role: 'organization_admin', expired: false }),
    );
    await run('invitation', 'remove', email, '--organization', 'acme');
    expect((await agent.get(second)).status).toBe(404);
    const again = run('invitation', 'remove', email, '--organization', 'acme');
    await expect(again).rejects.toMatchObject({ exitCode: 3 });
  });

  test('is not replaced by a mail that waited', async () => {
    await invitedBy([]);
    const [waiting] = await rows(`select subject_id from mail_outbox where kind = 'invitation'`);
    expect(waiting).toBeDefined();
    await invitedBy(['--print-link']);
    const left = await rows(
      'select from mail_outbox where subject_id = $1',
      waiting?.['subject_id'],
    );
    expect(left).toEqual([]);
  });
});
