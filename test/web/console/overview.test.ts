/** The first page of an organization: what there is, and what waits for a decision. */

import { expect, test } from 'vitest';
import { memberRole } from '../../../src/members/roles.ts';
import { statement } from '../../../src/storage/engine/database.ts';
import { forAllTests } from '../../support/for-all-tests.ts';
import { consentTo, demoApp } from '../../support/oauth.ts';
import { startTestServer } from '../../support/server.ts';
import { enterPassword, signedInAs } from '../../support/sign-in.ts';
import { createUserAgent, fill, type UserAgent } from '../../support/user-agent.ts';

const server = forAllTests(startTestServer);
const agent = forAllTests(() => signedInAs(server, 'admin@acme.test'));

const run = (sql: string) => server.database.db.query(statement(sql));

test('says what waits for a decision, to whoever decides alone', async () => {
  expect((await agent.get('/organizations/acme')).html).toContain('Nothing waits for a decision');
  await consentTo(server, demoApp, 'member@acme.test', 'database:read_database', ['acme/shop']);
  await run(
    `update clients set owner_organization_id = null, is_verified = false where id = '${demoApp.id}'`,
  );
  await run('update consent_entries set includes_production = true');
  await run(`insert into invitations (id, organization_id, email, expires_at)
    select gen_random_uuid(), id, 'late@x.test', now() from organizations where slug = 'acme'`);
  await run(`insert into approval_requests (organization_id, client_id, account_id, reason)
    select o.id, 'tiny-app', a.id, 'We need it' from organizations o, accounts a
     where o.slug = 'acme' and a.email = 'member@acme.test'`);
  const page = await agent.get('/organizations/acme');
  for (const text of [
    'Tiny App asks to be approved',
    'We need it',
    'Demo App is unverified and reaches production',
    '1 invitation has expired or soon will',
  ]) {
    expect(page.html).toContain(text);
  }
  const member = await signedInAs(server, 'member@acme.test');
  const seen = (await member.get('/organizations/acme')).html;
  expect(seen).toContain('People');
  for (const text of ['Tiny App', 'Demo App', 'invitation']) expect(seen).not.toContain(text);
});

test('an error keeps the ways around the page: of the organization to its people, of the account to others', async () => {
  const ways = async (by: UserAgent, path: string) => {
    const { status, html } = await by.get(path);
    const header = html.slice(0, html.indexOf('<main'));
    const found = Array.from(header.matchAll(/href="(\/(?:organizations|account)[^"]*)"/g));
    return [status, found.map(([, href]) => href)];
  };
  const account = ['/organizations', '/account', '/account/applications'];
  const own = [...account, '/account/applications/own'];
  const member = await signedInAs(server, 'member@acme.test');
  expect(await ways(member, '/organizations/acme/audit')).toEqual([
    403,
    [
      ...own,
      '/organizations',
      ...['', '/members', '/teams', '/databases', '/why'].map(
        (path) => `/organizations/acme${path}`,
      ),
    ],
  ]);
  const nowhere = '/organizations/acme/databases/db_00000000000000000000000000000000';
  expect(await ways(member, nowhere)).toEqual([
    404,
    expect.arrayContaining(['/organizations/acme']),
  ]);
  expect(await ways(member, '/organizations/vault')).toEqual([404, own]);
  const nobody = createUserAgent(server.issuer);
  expect(await ways(nobody, '/nothing')).toEqual([404, []]);
});

test('what was typed outlives the session, for the same account in the same browser alone', async () => {
  const path = '/organizations/acme/members/invitations';
  const page = await agent.get(path);
  const other = createUserAgent(server.issuer);
  await run('delete from sessions');
  const typed = (by: UserAgent) =>
    by.submit(
      page,
      (fields) => fill(fill(fields, 'addresses', 'kept@x.test <b>'), 'role', memberRole),
      path,
    );
  const asked = await typed(agent);
  expect(asked.url).toContain('/sign-in?next=');
  const enter = async (by: UserAgent) =>
    enterPassword(by, await by.get(asked.url), 'admin@acme.test');
  const seenElsewhere = await enter(other);
  expect([seenElsewhere.status, new URL(seenElsewhere.url).pathname]).toEqual([200, path]);
  expect(seenElsewhere.html).not.toContain('kept@x.test');
  const back = await enter(agent);
  expect(new URL(back.url).pathname).toBe(path);
  expect(back.html).toContain('kept@x.test &lt;b&gt;');
  const sent = await agent.submit(back, (fields) => fill(fields, 'role', memberRole), path);
  expect(sent.html).toContain('kept@x.test: invited');
  const [row] = await server.database.db.query<{ count: number }>(
    statement("select count(*)::int as count from invitations where email = 'kept@x.test'"),
  );
  expect(row?.count).toBe(1);
});
