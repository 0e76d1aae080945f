/** Where a person begins: their organizations, what waits for an answer, what they administer. */

import { describe, expect, test } from 'vitest';
import { memberRole } from '../../../src/members/roles.ts';
import { invite, printInvitationId } from '../../../src/organizations/invitations.ts';
import { statement } from '../../../src/storage/engine/database.ts';
import { inSession, makeWorld } from '../../organizations/world.ts';
import { forAllTests } from '../../support/for-all-tests.ts';
import { signInFor } from '../../support/oauth.ts';
import { startTestServer } from '../../support/server.ts';
import { signedInAs } from '../../support/sign-in.ts';
import { createUserAgent, type Fields, fill } from '../../support/user-agent.ts';

const server = forAllTests(startTestServer);
const world = forAllTests(() => makeWorld(server.database.db));

const signedIn = (email: string) => signedInAs(server, email);

const rows = (sql: string, ...values: unknown[]) =>
  server.database.db.query<Record<string, unknown>>(statement(sql), values);

const invited = (email: string) =>
  invite(server.database.db, inSession(world.accounts.admin), world.ids.organizationId, {
    email,
    role: memberRole,
  });

const answer = (action: string) => (fields: Fields) => fill(fields, 'action', action);

test('with one organization it is that organization, else the list', async () => {
  expect((await (await signedIn('team@acme.test')).get('/')).url).toMatch(/\/organizations\/acme$/);
  const two = await (await signedIn('consultant@vault.test')).get('/');
  expect(two.url).toMatch(/\/organizations$/);
  expect(two.html).toContain('href="/organizations/acme"');
  expect(two.html).toContain('href="/organizations/vault"');
  const none = await (await signedIn('operator@usher.test')).get('/');
  expect(none.html).toContain('Ask an administrator of yours to invite operator@usher.test');
});

test('whoever signs in for nothing else comes to it, also when signed in already', async () => {
  const agent = createUserAgent(server.issuer);
  const page = await signInFor(agent, `${server.issuer}/sign-in`, 'team@acme.test');
  expect(page.url).toMatch(/\/organizations\/acme$/);
  expect((await agent.get('/sign-in')).url).toMatch(/\/organizations\/acme$/);
});

test('a page that somebody may not see, or that is not there, keeps the ways to others', async () => {
  const agent = await signedIn('member@acme.test');
  const forbidden = await agent.get('/organizations/acme/settings');
  expect(forbidden.status).toBe(403);
  for (const href of ['/account', '/organizations/acme/members', '/organizations/acme/why']) {
    expect(forbidden.html).toContain(`href="${href}"`);
  }
  const unknown = await agent.get('/organizations/nothing');
  expect([unknown.status, unknown.html.includes('member@acme.test')]).toEqual([404, true]);
  expect(unknown.html).not.toContain('/organizations/nothing/');
  const settings = await signedIn('admin@acme.test');
  const page = await settings.get('/account/name');
  await rows(
    'delete from sessions where account_id = (select id from accounts where email = $1)',
    'admin@acme.test',
  );
  const late = await settings.submit(page, undefined, '/account/name');
  expect([late.status, late.html.includes('site-nav')]).toEqual([403, false]);
});

test('names the databases that somebody administers by a role or a team', async () => {
  expect((await (await signedIn('dba@acme.test')).get('/organizations')).html).toContain(
    'acme/shop',
  );
  const team = await (await signedIn('team@acme.test')).get('/organizations');
  expect([team.html.includes('acme/analytics'), team.html.includes('acme/shop')]).toEqual([
    true,
    false,
  ]);
});

describe('an invitation to the person’s address', () => {
  test('is there first, and joining leads into the organization', async () => {
    const email = 'guest@vault.test';
    const { id } = await invited(email);
    const agent = await signedIn(email);
    const home = await agent.get('/');
    expect([home.url.endsWith('/organizations'), home.html.includes('Join Acme')]).toEqual([
      true,
      true,
    ]);
    const joined = await agent.submit(home, answer('accept'), '/invitations');
    expect(joined.url).toMatch(/\/organizations\/s\d+\?done=joined$/);
    expect(joined.html).toContain('You’ve joined the organization.');
    const again = await agent.submit(home, answer('accept'), '/invitations');
    expect(again.url).toBe(joined.url);
    expect(await rows('select 1 from invitations where id = $1', id)).toEqual([]);
    const told = await rows(
      'select action from audit_events where subject = $1 order by id',
      printInvitationId(id),
    );
    expect(told.map(({ action }) => action)).toEqual(['invitation.created', 'invitation.accepted']);
  });

  test('can be declined', async () => {
    const email = 'reader@vault.test';
    await invited(email);
    const agent = await signedIn(email);
    const said = await agent.submit(await agent.get('/'), answer('decline'), '/invitations');
    expect(said.url).toMatch(/\/organizations\?done=declined$/);
    expect((await agent.get('/')).url).toMatch(/\/organizations\/vault$/);
  });

  test('cannot be answered by somebody else, or with an unproven address', async () => {
    const email = 'developer@vault.test';
    const { id } = await invited(email);
    const agent = await signedIn(email);
    const home = await agent.get('/organizations');
    const other = await signedIn('admin@vault.test');
    expect((await other.submit(home, answer('accept'), '/invitations')).status).toBe(403);
    await rows('update accounts set email_verified_at = null where email = $1', email);
    expect((await agent.submit(home, answer('accept'), '/invitations')).status).toBe(403);
    expect((await agent.get('/organizations')).html).not.toContain('Join Acme');
    expect(await rows('select 1 from invitations where id = $1', id)).toHaveLength(1);
    await rows('update accounts set email_verified_at = now() where email = $1', email);
    await rows("update invitations set expires_at = now() - interval '1 day' where id = $1", id);
    expect((await agent.submit(home, answer('accept'), '/invitations')).status).toBe(410);
  });
});

test('a platform’s own console takes its place', async () => {
  const own = await startTestServer({ CONSOLE_URL: 'https://console.example/teams?x=1' });
  const agent = await signedInAs(own, 'team@acme.test');
  const first = await agent.get('/');
  expect(first.url).toBe(`${own.issuer}/`);
  expect(first.html).toContain('href="https://console.example/teams?x=1"');
  expect(first.html).not.toContain('href="/organizations');
  await own.close();
});
