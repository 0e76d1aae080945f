/** "Forgot your password?", as a person at a browser without JavaScript. */

import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/lib/secrets.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { addAccount, password } from '../accounts/people.ts';
import { forAllTests, forEachTest } from '../support/for-all-tests.ts';
import { consentTo, demoApi, demoApp, introspectAs, obtainTokens } from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { signInBy } from '../support/sign-in.ts';
import { createUserAgent, fill, type Page } from '../support/user-agent.ts';
import { linkTo, newestMail } from './mailed-links.ts';

const fresh = 'velvet turbine';

const server = forAllTests(startTestServer);
const account = forEachTest(() => addAccount(server.database.db));
const agent = forEachTest(() => createUserAgent(server.issuer));

const rows = (sql: string, ...values: unknown[]) =>
  server.database.db.query<Record<string, unknown>>(statement(sql), values);

const ask = async (email: string, by = agent) =>
  by.submit(await by.get('/reset'), (fields) => fill(fields, 'email', email));

const setPassword = (page: Page, secret = fresh, by = agent) =>
  by.submit(page, (fields) => fill(fields, 'password', secret), '/reset/');

const signInAs = (email: string, secret: string, by = createUserAgent(server.issuer)) =>
  signInBy(by, email, secret);

async function linkFor(email = account.email): Promise<string> {
  await ask(email);
  return linkTo(server, email);
}

describe('asking', () => {
  test('is offered where one signs in', async () => {
    expect((await agent.get('/sign-in')).html).toContain('href="/reset"');
  });

  test('gives the same answer and does the same for every address', async () => {
    const nobody = `nobody-${account.id}@x.test`;
    const suspended = await addAccount(server.database.db, { status: 'suspended' });
    const answers = await Promise.all(
      [account.email, nobody, suspended.email].map((email) =>
        ask(email, createUserAgent(server.issuer)),
      ),
    );
    const told = new Set(
      answers.map(({ status, url, html }) => JSON.stringify([status, url, html])),
    );
    expect(told.size).toBe(1);
    expect(answers[0]?.html).toContain('If there’s an account with that email');
    for (const email of [account.email, nobody, suspended.email]) {
      expect(await rows('select 1 from account_links where email = $1', email)).toHaveLength(1);
    }
    expect(await newestMail(server, account.email)).toMatchObject({
      subject: 'Set a new password',
    });
    expect(await newestMail(server, nobody)).toBeUndefined();
    expect(await newestMail(server, suspended.email)).toBeUndefined();
  });

  test.each([
    ['small and capital letters', (email: string) => email.toUpperCase()],
    ['letters of full width', (email: string) => email.replace('p', 'ｐ')],
    ['spaces around it, and a full stop after it', (email: string) => `  ${email}. `],
  ])('takes the address in one form: %s', async (_what, spell) => {
    await ask(spell(account.email));
    expect(await linkTo(server, account.email)).toMatch(/^\/reset\/usher_reset_/);
  });

  test('refuses what is no address, and one that only looks like it', async () => {
    for (const email of ['', 'nobody', account.email.replace('p', 'р')]) {
      const page = await ask(email);
      expect([page.status, page.html.includes('aria-invalid="true"')]).toEqual([422, true]);
    }
  });

  test('sends five in an hour to one address, each of which works until one is used', async () => {
    for (let n = 0; n < 7; n++) await ask(account.email, createUserAgent(server.issuer));
    const mails = (await server.sendMail()).filter(({ to }) => to === account.email);
    expect(mails).toHaveLength(5);
    const [first = ''] = mails.map(({ text }) => /\/reset\/\S+/.exec(text)?.[0] ?? '').toReversed();
    expect((await setPassword(await agent.get(first))).url).toContain('done=reset');
    const others = mails.map(({ text }) => /\/reset\/\S+/.exec(text)?.[0] ?? '').slice(0, 4);
    for (const other of others) expect((await agent.get(other)).status).toBe(410);
  });
});

describe('the link', () => {
  test('sets the password, signs in here and out everywhere else, and is told by mail', async () => {
    const elsewhere = createUserAgent(server.issuer);
    await signInAs(account.email, password, elsewhere);
    const page = await agent.get(await linkFor());
    expect(page.html).toContain(account.email);
    const done = await setPassword(page);
    expect(done.html).toContain('Your new password is set');
    expect((await elsewhere.get('/account')).url).toContain('/sign-in');
    const told = await newestMail(server, account.email);
    expect(told?.subject).toBe('Your password was changed');
    expect((await signInAs(account.email, password)).status).toBe(422);
    expect((await signInAs(account.email, fresh)).url).toMatch(/\/organizations$/);
  });

  test('is changed by nothing but its form, and known by its hash alone', async () => {
    const path = await linkFor();
    for (let round = 0; round < 3; round++) expect((await agent.get(path)).status).toBe(200);
    await fetch(server.issuer + path, { method: 'HEAD' });
    const [row] = await rows(
      'select token_hash, ended_as, expires_at - now() as left from account_links where email = $1',
      account.email,
    );
    expect(row).toMatchObject({ ended_as: null });
    expect(row?.['token_hash']).toEqual(sha256(path.split('/').at(-1) ?? ''));
    expect((await signInAs(account.email, password)).url).toMatch(/\/organizations$/);
  });

  test('works once', async () => {
    const path = await linkFor();
    const page = await agent.get(path);
    await setPassword(page);
    const again = createUserAgent(server.issuer);
    const over = await again.get(path);
    expect([over.status, over.html.includes('already been used')]).toEqual([410, true]);
    expect(over.html).toContain('href="/sign-in"');
  });

  test('stays open when a password is refused, and says what would do', async () => {
    const refused = await setPassword(await agent.get(await linkFor()), 'password1');
    expect(refused.status).toBe(422);
    expect(refused.html).toContain('Use a few unrelated words.');
    const personal = await setPassword(refused, account.email);
    expect(personal.html).toContain('made of your name or email');
    expect((await setPassword(personal)).url).toContain('done=reset');
  });

  test.each([
    [
      'an hour later',
      'update account_links set expires_at = now() where email = $1',
      410,
      '/reset"',
    ],
    [
      'of a suspended account',
      "update accounts set status = 'suspended' where email = $1",
      403,
      '/sign-in"',
    ],
  ])('%s leads to a page that says so, and the way on', async (_when, sql, status, way) => {
    const path = await linkFor();
    const page = await agent.get(path);
    await rows(sql, account.email);
    expect((await setPassword(page)).status).toBe(status);
    const over = await agent.get(path);
    expect([over.status, over.html.includes(way), over.html.includes('<form')]).toEqual([
      status,
      true,
      false,
    ]);
  });

  test('that nobody knows is 404, of another kind too', async () => {
    for (const path of ['/reset/usher_reset_nothing', '/reset/x']) {
      const page = await agent.get(path);
      expect([page.status, page.html.includes('We don’t know this link')]).toEqual([404, true]);
    }
  });

  test('is over once the password was changed otherwise', async () => {
    const path = await linkFor();
    await signInAs(account.email, password, agent);
    const passwords = { current_password: password, new_password: fresh, repeated_password: fresh };
    await agent.submit(
      await agent.get('/account'),
      (fields) =>
        Object.entries(passwords).reduce((all, [name, value]) => fill(all, name, value), fields),
      '/account/password',
    );
    expect((await createUserAgent(server.issuer).get(path)).status).toBe(410);
  });

  test('a late mail tells nothing of an account that was suspended meanwhile', async () => {
    await ask(account.email);
    await rows("update accounts set status = 'suspended' where id = $1", account.id);
    expect(await newestMail(server, account.email)).toBeUndefined();
  });
});

describe('whoever guesses shuts nobody out', () => {
  test('the page says what still works, the link does, and the browser is known after it', async () => {
    const stranger = createUserAgent(server.issuer);
    let page = await signInAs(account.email, 'wrong', stranger);
    for (let n = 0; n < 10; n++) page = await signInAs(account.email, 'wrong', stranger);
    expect(page.status).toBe(429);
    expect(page.html).toContain('href="/reset"');
    expect(page.html).toContain('use a passkey');
    expect((await signInAs(account.email, password)).status).toBe(429);

    await setPassword(await agent.get(await linkFor()));
    for (let n = 0; n < 11; n++) await signInAs(account.email, 'wrong', stranger);
    expect((await signInAs(account.email, fresh)).status).toBe(429);
    await agent.submit(await agent.get('/sign-out'), undefined, '/sign-out');
    expect((await signInAs(account.email, fresh, agent)).url).toMatch(/\/organizations$/);
  });
});

describe('applications with access', () => {
  const email = 'dba@acme.test';
  const scope = 'database:read_branches';

  test('are listed and ticked; what stays ticked loses access, the rest keeps it', async () => {
    await consentTo(server, demoApp, email, scope, ['acme/shop']);
    const { access_token: token } = await obtainTokens(server, demoApp, email, scope);
    const kept = await agent.get(await linkFor(email));
    expect(kept.html).toMatch(/name="application" value="[^"]+" checked/);
    const untick = (fields: [string, string][]) =>
      fill(
        fields.filter(([name]) => name !== 'application'),
        'password',
        fresh,
      );
    await agent.submit(kept, untick, '/reset/');
    expect(await introspectAs(server, demoApi, token)).toMatchObject({ active: true });

    await setPassword(await agent.get(await linkFor(email)), 'usher velvet turbine');
    expect(await introspectAs(server, demoApi, token)).toEqual({ active: false });
    const events = await rows(
      `select e.action from audit_events e join accounts a on a.id = e.actor_account_id
        where a.email = $1 and e.action = 'consent.withdrawn'`,
      email,
    );
    expect(events).toHaveLength(1);
  });
});
