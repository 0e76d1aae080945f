/** What people of organizations try (the rows of the abuse list that no other file shows). */

import { beforeEach, describe, expect, test } from 'vitest';
import { printId } from '../../src/lib/ids.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { makeAccount, makeApplication, makeWorld } from '../organizations/world.ts';
import { forAllTests, forEachTest } from '../support/for-all-tests.ts';
import {
  authorizationRequest,
  callbackOf,
  consentTo,
  demoApi,
  demoApp,
  introspectAs,
  obtainCode,
  obtainTokens,
  redeem,
  refresh,
  signInFor,
} from '../support/oauth.ts';
import { createUserAgent } from '../support/user-agent.ts';
import { type Caller, printed, requestOf, startApi } from './api-server.ts';

const api = forAllTests(startApi);

const world = forEachTest(() => makeWorld(api.db, 'none'));
let at: Record<string, string>;
let admin: Caller;
beforeEach(async () => {
  at = printed(world.ids);
  admin = await api.inBrowser(world.accounts.admin);
});

async function done(route: string, ids: object = {}, body?: unknown) {
  const answer = await admin.send(requestOf(route, { ...at, ...ids }), { body });
  expect([route, answer.status < 300, answer.text]).toEqual([route, true, answer.text]);
  return answer.body;
}

describe('nobody raises themself', () => {
  test.each([
    ['to administrator', 'changeMemberRole', { role: 'organization_admin' }],
    ['into a team', 'addTeamMember', undefined],
    ['onto a database', 'giveDatabaseRole', { role: 'database_admin' }],
    [
      'by inviting an administrator',
      'invite',
      { email: 'me@new.test', role: 'organization_admin' },
    ],
  ])('%s', async (_how, route, body) => {
    for (const who of ['member', 'reader', 'developer'] as const) {
      const self = printId('user', world.accounts[who]);
      const caller = await api.inBrowser(world.accounts[who]);
      const { status } = await caller.send(requestOf(route, { ...at, member: self }), { body });
      expect([who, status]).toEqual([who, expect.toBeOneOf([403, 404])]);
    }
  });

  test('not even an administrator changes their own place', async () => {
    const self = printId('user', world.accounts.admin);
    for (const route of ['changeMemberRole', 'suspendMember', 'removeMember']) {
      const body = route === 'changeMemberRole' ? { role: 'organization_member' } : undefined;
      const answer = await admin.send(requestOf(route, { ...at, member: self }), { body });
      expect([route, answer.status, answer.body.reason]).toEqual([route, 403, 'own_role']);
    }
    const left = await admin.send(requestOf('leaveOrganization', at));
    expect([left.status, left.body.reason]).toEqual([409, 'last_administrator']);
  });
});

test('an old right never meets newer content: out of the team, then a database for the team', async () => {
  const { teamDba } = world.accounts;
  const scope = 'organization:read_databases';
  const token = await api.tokenFor(teamDba, [[{ id: world.ids.organizationId, slug: '' }, scope]]);
  const ask = (resource?: string) => introspectAs(api, demoApi, token, resource);
  expect((await ask(at['database'])).scope).toBe(scope);
  await done('removeTeamMember', { member: printId('user', teamDba) });
  const { id: database } = await done('createDatabase', {}, { slug: 'newer' });
  await done('addTeamDatabase', { database });
  expect((await ask(database)).scope).toBeUndefined();
  expect((await ask(at['database'])).scope).toBeUndefined();
});

test('an application counts in an organization as long as it is approved there', async () => {
  const { developer } = world.accounts;
  const scope = 'organization:read_branches organization:write_branches';
  const picked = { id: world.ids.organizationId, slug: '' };
  const token = await api.tokenFor(developer, [[picked, scope]]);
  const [row] = await api.db.query<{ client_id: string }>(
    statement('select client_id from tokens order by issued_at desc limit 1'),
  );
  const application = row?.client_id ?? '';
  const held = async () => (await introspectAs(api, demoApi, token, at['branch'])).scope;
  expect(await held()).toBe(scope);
  await done('setApplicationPolicy', {}, { application_policy: 'approval_required' });
  expect(await held()).toBeUndefined();
  await done('approveApplication', { application }, { scopes: ['organization:read_branches'] });
  expect(await held()).toBe('organization:read_branches');
  await done('approveApplication', { application }, {});
  expect(await held()).toBe(scope);
  await done('promoteBranch');
  await done(
    'giveDatabaseRole',
    { member: printId('user', developer) },
    { role: 'database_admin' },
  );
  const branches = (await admin.send(requestOf('listBranches', at))).body.items;
  const main = branches.find(({ slug }: { slug: string }) => slug === 'main').id;
  expect((await introspectAs(api, demoApi, token, main)).scope).toBe(scope);
  await done('approveApplication', { application }, { production: false });
  expect((await introspectAs(api, demoApi, token, main)).scope).toBeUndefined();
  await done('withdrawApproval', { application });
  expect(await held()).toBeUndefined();
});

test('only what asks people can be approved', async () => {
  await makeApplication(api.db, 'can-be-approved');
  await done('approveApplication', { application: 'can-be-approved' }, {});
  for (const application of ['demo-api', 'nothing-of-the-kind']) {
    const answer = await admin.send(requestOf('approveApplication', { ...at, application }), {
      body: {},
    });
    expect([application, answer.status]).toEqual([application, 404]);
  }
});

describe('a role that is lost counts from then on', () => {
  const member = 'member@acme.test';
  const scope = 'database:read_branches';
  const branch = 'organizations/acme/databases/shop/branches/main';

  async function loseMembership(): Promise<void> {
    await api.db.query(
      statement(`delete from organization_members m using accounts a, organizations o
                  where a.id = m.account_id and o.id = m.organization_id
                    and a.email = $1 and o.slug = 'acme'`),
      [member],
    );
  }

  beforeEach(async () => {
    await api.db.query(
      statement(`insert into organization_members (organization_id, account_id)
                 select o.id, a.id from organizations o, accounts a
                  where o.slug = 'acme' and a.email = $1 on conflict do nothing`),
      [member],
    );
    await consentTo(api, demoApp, member, scope, ['acme/shop']);
  });

  test('between the request and the consent page', async () => {
    const agent = createUserAgent(api.issuer);
    const { url } = authorizationRequest(api, demoApp, scope, { prompt: 'consent' });
    await signInFor(agent, url, member);
    await loseMembership();
    const page = await agent.get(url);
    expect(page.html).not.toContain('data-path="acme/shop"');
  });

  test('between the page and its submission', async () => {
    const agent = createUserAgent(api.issuer);
    const { url } = authorizationRequest(api, demoApp, scope, { prompt: 'consent' });
    const page = await signInFor(agent, url, member);
    await loseMembership();
    const sent = await agent.submit(
      page,
      (fields) => [...fields.filter(([name]) => name !== 'action'), ['action', 'allow']],
      '/consent',
    );
    expect(callbackOf(sent).get('code')).toBeNull();
  });

  test('between the code and its redemption', async () => {
    const { code, verifier } = await obtainCode(api, demoApp, member, scope);
    await loseMembership();
    const { body } = await redeem(api, demoApp, code, verifier);
    expect(body.authorization_details).toBeUndefined();
    expect((await introspectAs(api, demoApi, body.access_token, branch)).scope).toBeUndefined();
  });

  test('between two refreshes', async () => {
    const tokens = await obtainTokens(api, demoApp, member, scope);
    await loseMembership();
    const { body } = await refresh(api, demoApp, tokens.refresh_token);
    expect((await introspectAs(api, demoApi, body.access_token, branch)).scope).toBeUndefined();
  });

  test('between two questions', async () => {
    const { access_token: token } = await obtainTokens(api, demoApp, member, scope);
    expect((await introspectAs(api, demoApi, token, branch)).scope).toBe(scope);
    await loseMembership();
    expect((await introspectAs(api, demoApi, token, branch)).scope).toBeUndefined();
  });
});

test('renaming never touches who may do what', async () => {
  const { dba } = world.accounts;
  const caller = await api.inBrowser(dba);
  const names = Array.from({ length: 25 }, (_, n) => `renamed-${n}`);
  const answers = await Promise.all(
    names.flatMap((slug) => [
      admin.send(requestOf('renameDatabase', at), { body: { slug } }),
      admin.send(requestOf('renameTeam', at), { body: { slug, name: slug } }),
      caller.send(requestOf('readOwnAccess', at)),
    ]),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
});

test('every change is told once, however many come at the same time', async () => {
  const events = async () => {
    const [row] = await api.db.query<{ count: number }>(
      statement(`select count(*)::int as count from audit_events
                  where organization_id = $1 and outcome = 'done'`),
      [world.ids.organizationId],
    );
    return row?.count ?? 0;
  };
  const before = await events();
  const accounts = await Promise.all(Array.from({ length: 5 }, () => makeAccount(api.db)));
  const answers = await Promise.all([
    ...Array.from({ length: 10 }, (_, n) =>
      admin.send(requestOf('createTeam', at), { body: { slug: `told-${n % 6}`, name: 'Told' } }),
    ),
    ...Array.from({ length: 4 }, () => admin.send(requestOf('addTeamMember', at))),
    ...accounts.map((id) =>
      admin.send(requestOf('addTeamMember', { ...at, member: printId('user', id) })),
    ),
  ]);
  const created = answers.filter(({ status }) => status === 201).length;
  expect(created).toBe(6);
  expect(await events()).toBe(before + created + 1);
});

test('what was consented to rests when it is older than the organization lets it grow', async () => {
  const scope = 'organization:read_databases';
  const picked = { id: world.ids.organizationId, slug: '' };
  const token = await api.tokenFor(world.accounts.developer, [[picked, scope]]);
  const held = async () => (await introspectAs(api, demoApi, token, at['database'])).scope;
  const anywhere = async () => (await introspectAs(api, demoApi, token)).scope;
  const age = `update consent_entries set consented_at = now() - interval '30 days'
    where organization_id = $1`;
  await api.db.query(statement(age), [world.ids.organizationId]);
  expect([await held(), await anywhere()]).toEqual([scope, scope]);
  const set = await done('setMaxEntryDays', {}, { max_entry_days: 30 });
  expect(set.max_entry_days).toBe(30);
  expect([await held(), await anywhere()]).toEqual([undefined, undefined]);
  for (const max_entry_days of [0, 3651, 1.5, '30']) {
    const body = { max_entry_days };
    const refused = await admin.send(requestOf('setMaxEntryDays', at), { body });
    expect([max_entry_days, refused.status]).toEqual([max_entry_days, 422]);
  }
  expect((await done('setMaxEntryDays', {}, { max_entry_days: null })).max_entry_days).toBe(null);
  expect([await held(), await anywhere()]).toEqual([scope, scope]);
});
