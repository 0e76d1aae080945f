/** Who may call: a browser's session, an application with a person's token, a service client. */

import { beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../../src/api/management/routes.ts';
import { scopeNames } from '../../src/catalogue/scopes.ts';
import { printId } from '../../src/lib/ids.ts';
import { removeMember } from '../../src/organizations/members.ts';
import { statement } from '../../src/storage/engine/database.ts';
import {
  inSession,
  makeApplication,
  makeConsent,
  makeWorld,
  type World,
} from '../organizations/world.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { type Caller, printed, requestOf, startApi } from './api-server.ts';
import { type Sample, samples } from './samples.ts';

const api = forAllTests(startApi);
const world = forAllTests(() => makeWorld(api.db));
let at: Record<string, string>;
beforeAll(async () => {
  at = printed(world.ids);
});

const allScopes = scopeNames.join(' ');

/** What `security` of an operation names, and a caller of that kind who may do all that it can. */
const ways: Record<string, (of: World) => Promise<Caller>> = {
  session: (of) => api.inBrowser(of.accounts.admin),
  token: ({ accounts, ids: { organizationId, databaseId } }) =>
    api.byTokenFor(accounts.admin, [
      [undefined, allScopes],
      [{ id: organizationId, slug: '' }, allScopes],
      [{ id: databaseId, slug: '', organization_id: organizationId }, allScopes],
    ]),
  service: () => api.byService(),
};

describe('the document tells which callers there are for', () => {
  let security: Record<string, string[]>;
  beforeAll(async () => {
    await makeApplication(api.db, 'an-application');
    const document = (await (await fetch(`${api.issuer}/api/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { operationId: string; security: object[] }>>;
    };
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    security = Object.fromEntries(
      operations.map((one) => [one.operationId, one.security.flatMap((way) => Object.keys(way))]),
    );
  });

  /** An organization in which the request can be made. */
  async function prepared({ first = [], isByService }: Sample): Promise<World> {
    const of = await makeWorld(api.db);
    const here = printed(of.ids);
    const { accountId, organizationId } = of.ids;
    await makeConsent(api.db, accountId, 'an-application', organizationId);
    const by = isByService ? await api.byService() : await api.inBrowser(of.accounts.admin);
    await by.send(requestOf('addTeamMember', here));
    for (const [before, sent] of first) await by.send(requestOf(before, here), { body: sent });
    return of;
  }

  test.each(routes.map(({ id }) => id))('%s', async (id) => {
    const sample = samples[id] ?? {};
    const { body, query = '', headers = {} } = sample;
    const isFor = (way: string) => security[id]?.includes(way) === true;
    // Whoever is refused changes nothing, so what is prepared for them serves the next one, too.
    const refusedFirst = Object.entries(ways).toSorted(
      ([one], [other]) => Number(isFor(one)) - Number(isFor(other)),
    );
    let of: World | undefined;
    for (const [way, call] of refusedFirst) {
      of ??= await prepared(sample);
      const caller = await call(of);
      const { status } = await caller.send(requestOf(id, printed(of.ids)) + query, {
        body,
        headers,
      });
      const isLetIn = ![401, 403, 404].includes(status);
      expect([id, way, status, isLetIn]).toEqual([id, way, status, isFor(way)]);
      if (isLetIn) of = undefined;
    }
  });
});

describe('a browser', () => {
  test('reads and changes from a page of ours', async () => {
    const admin = await api.inBrowser(world.accounts.admin);
    expect(await admin.send('GET /user')).toMatchObject({
      status: 200,
      body: { id: printId('user', world.accounts.admin) },
    });
    const made = await admin.send(requestOf('createTeam', at), {
      body: { slug: 'made', name: 'Made' },
    });
    expect(made).toMatchObject({ status: 201, body: { slug: 'made', name: 'Made' } });
  });

  test.each([
    ['without the header', { 'x-usher-request': '' }],
    ['from another origin', { origin: 'https://evil.example' }],
    ['from another site', { 'sec-fetch-site': 'cross-site' }],
    ['from a neighbour', { 'sec-fetch-site': 'same-site' }],
  ])('changes nothing %s', async (_how, headers) => {
    const admin = await api.inBrowser(world.accounts.admin);
    const sent = { body: { slug: 'never', name: 'Never' }, headers };
    const { status, body } = await admin.send(requestOf('createTeam', at), sent);
    expect([status, body.type]).toEqual([403, 'urn:usher:problem:cross-site']);
  });

  test('nobody is signed in', async () => {
    const { status, headers, body } = await api.nobody.send('GET /user');
    expect([status, headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringMatching(/^Bearer resource_metadata="[^"]+", DPoP /),
    ]);
    expect(body.type).toBe('urn:usher:problem:unauthenticated');
  });
});

describe('a token', () => {
  test('does what its scopes say, and no more', async () => {
    const reads = await api.byToken(
      world.accounts.admin,
      world.ids.organizationId,
      'organization:read_organization organization:read_members',
    );
    expect((await reads.send(requestOf('readOrganization', at))).status).toBe(200);
    expect((await reads.send(requestOf('listMembers', at))).status).toBe(200);
    const { status, body, headers } = await reads.send(requestOf('removeMember', at));
    expect([status, body.type]).toEqual([403, 'urn:usher:problem:insufficient-scope']);
    expect(headers.get('www-authenticate')).toBe(
      `Bearer error="insufficient_scope", scope="organization:delete_members", resource_metadata="${api.issuer}/.well-known/oauth-protected-resource/api/v1"`,
    );
  });

  test('never does more than the person behind it', async () => {
    const member = await api.byToken(world.accounts.member, world.ids.organizationId);
    expect((await member.send(requestOf('readOrganization', at))).status).toBe(200);
    expect((await member.send(requestOf('removeMember', at))).status).toBe(403);
    expect((await member.send(requestOf('deleteDatabase', at))).status).toBe(403);
  });

  test.each(
    routes
      .filter(({ scopes, isForPlatform }) => scopes.length === 0 && !isForPlatform)
      .map(({ id }) => id),
  )('cannot do %s, whatever was consented to', async (id) => {
    const all = await api.byToken(world.accounts.admin, world.ids.organizationId);
    const { status, body } = await all.send(requestOf(id, at));
    expect([status, body.reason]).toEqual([403, 'not_by_token']);
  });

  test.each(routes.filter(({ isForPlatform }) => isForPlatform).map(({ id }) => id))(
    'does not find %s, which is for the platform',
    async (id) => {
      const all = await api.byToken(world.accounts.admin, world.ids.organizationId);
      expect((await all.send(requestOf(id, at))).status).toBe(404);
    },
  );

  describe('that is refused a privileged act', () => {
    const newest = async () => {
      const admin = await api.inBrowser(world.accounts.admin);
      return (await admin.send(`${requestOf('readAuditLog', at)}?limit=1`)).body.items[0];
    };

    test.each([
      ['removeMember', 'member.removed', 'member', 'insufficient-scope'],
      ['deleteDatabase', 'database.deleted', 'database', 'insufficient-scope'],
      ['promoteBranch', 'branch.promoted', 'branch', 'insufficient-scope'],
      ['setBaseRole', 'organization.base_role_changed', 'organization', 'not_by_token'],
      ['resendInvitation', 'invitation.resent', 'invitation', 'insufficient-scope'],
      ['addTeamMember', 'team.member_added', 'team', 'not_by_token'],
      ['approveApplication', 'application.approved', 'application', 'not_by_token'],
      ['exportAuditLog', 'audit_log.read', 'organization', 'not_by_token'],
    ])('%s is told of: who, by which application, what', async (id, action, kind, refused) => {
      const { admin } = world.accounts;
      const scope = 'organization:read_organization organization:read_branches';
      const token = await api.byToken(admin, world.ids.organizationId, scope);
      const { status } = await token.send(requestOf(id, at));
      expect(status).toBe(403);
      expect(await newest()).toMatchObject({
        action,
        outcome: 'refused',
        actor: printId('user', admin),
        application: expect.stringMatching(/./),
        subject: at[kind],
        after: { refused },
        address: '127.0.0.1',
      });
    });

    test.each(['listMembers', 'listTeams', 'readApproval'])(
      'and a mere look is not: %s',
      async (id) => {
        const before = await newest();
        const scope = 'organization:read_organization';
        const token = await api.byToken(world.accounts.admin, world.ids.organizationId, scope);
        expect((await token.send(requestOf(id, at))).status).toBe(403);
        expect(await newest()).toEqual(before);
      },
    );

    test('nor what it does not reach', async () => {
      const before = await newest();
      const token = await api.byTokenFor(world.accounts.outsider, [[undefined, 'user:read_user']]);
      expect((await token.send(requestOf('removeMember', at))).status).toBe(404);
      expect(await newest()).toEqual(before);
    });
  });

  test('cannot make anybody administrator', async () => {
    const all = await api.byToken(world.accounts.admin, world.ids.organizationId);
    const raised = await all.send(requestOf('changeMemberRole', at), {
      body: { role: 'organization_admin' },
    });
    expect([raised.status, raised.body.reason]).toEqual([403, 'not_by_token']);
    const invited = await all.send(requestOf('invite', at), {
      body: { email: 'somebody@new.test', role: 'organization_admin' },
    });
    expect([invited.status, invited.body.reason]).toEqual([403, 'not_by_token']);
  });

  test('for one database sees that one in the list, and nothing of the organization', async () => {
    const admin = await api.inBrowser(world.accounts.admin);
    await admin.send(requestOf('createDatabase', at), { body: { slug: 'another' } });
    const { organizationId, databaseId } = world.ids;
    const picked = { id: databaseId, slug: '', organization_id: organizationId };
    const scope = 'database:read_database database:read_branches';
    const one = await api.byTokenFor(world.accounts.admin, [[picked, scope]]);
    const list = await one.send(requestOf('listDatabases', at));
    expect(list.body.items.map(({ id }: { id: string }) => id)).toEqual([at['database']]);
    expect((await one.send(requestOf('listBranches', at))).body.items).toHaveLength(2);
    expect((await one.send(requestOf('readOrganization', at))).status).toBe(403);
    const other = (await admin.send(requestOf('listDatabases', at))).body.items.find(
      ({ slug }: { slug: string }) => slug === 'another',
    );
    const unseen = await one.send(requestOf('readDatabase', { ...at, database: other.id }));
    expect(unseen.status).toBe(404);
  });

  test('of a branch renames that branch only while its kind stays', async () => {
    const { organizationId, databaseId, branchId } = world.ids;
    const picked = {
      id: branchId,
      slug: '',
      organization_id: organizationId,
      database_id: databaseId,
      production: false,
    };
    const one = await api.byTokenFor(world.accounts.admin, [[picked, 'branch:write_branch']]);
    const renamed = await one.send(requestOf('renameBranch', at), { body: { slug: 'renamed' } });
    expect(renamed.status).toBe(200);
    const admin = await api.inBrowser(world.accounts.admin);
    expect((await admin.send(requestOf('promoteBranch', at))).status).toBe(200);
    const rests = await one.send(requestOf('renameBranch', at), { body: { slug: 'again' } });
    expect(rests.status).toBe(404);
    expect((await admin.send(requestOf('demoteBranch', at))).status).toBe(200);
  });

  test('ends for the organization with the membership', async () => {
    const { organizationId } = world.ids;
    const { developer, admin } = world.accounts;
    const token = await api.byToken(developer, organizationId);
    expect((await token.send(requestOf('readOrganization', at))).status).toBe(200);
    await removeMember(api.db, inSession(admin), { organizationId, accountId: developer });
    expect((await token.send(requestOf('readOrganization', at))).status).toBe(404);
  });

  test.each([
    ['nothing of the kind', 'Bearer something'],
    ['a token that never was', `Bearer usher_at_${'A'.repeat(49)}`],
  ])('that is %s is dead', async (_what, authorization) => {
    const { status, headers } = await api.withHeaders({ authorization }).send('GET /user');
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  test('under another scheme is none, and so no error of a token (RFC 6750 section 3.1)', async () => {
    const authorization = 'Basic dXNlcjpwYXNz';
    const { status, headers } = await api.withHeaders({ authorization }).send('GET /user');
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toMatch(/^Bearer /);
    expect(headers.get('www-authenticate')).not.toContain('error=');
  });

  test.each([
    ['for another resource server', `payload = '{"aud": "https://vault.example"}'`],
    ['bound to a key', `payload = '{"jkt": "thumbprint"}'`],
    ['expired', `expires_at = now() - interval '1 second'`],
  ])('that is %s is dead here', async (_what, change) => {
    const token = await api.byToken(world.accounts.admin, world.ids.organizationId);
    expect((await token.send('GET /user')).status).toBe(200);
    await api.db.query(
      statement(
        `update tokens set ${change} where issued_at = (select max(issued_at) from tokens)`,
      ),
    );
    expect((await token.send('GET /user')).status).toBe(401);
  });
});

describe('a service client', () => {
  test('keeps the tree, and has no person behind it', async () => {
    const service = await api.byService();
    const made = await service.send(requestOf('createDatabase', at), { body: { slug: 'by-sync' } });
    expect(made.status).toBe(201);
    for (const id of ['readUser', 'leaveOrganization', 'invite', 'readOwnAccess']) {
      const body = id === 'invite' ? { email: 'somebody@new.test' } : undefined;
      const { status } = await service.send(requestOf(id, at), { body });
      expect([id, status]).toEqual([id, 403]);
    }
    const raised = await service.send(requestOf('changeMemberRole', at), {
      body: { role: 'organization_admin' },
    });
    expect([raised.status, raised.body.reason]).toEqual([403, 'not_by_token']);
  });

  test('is nobody once it is suspended', async () => {
    const service: Caller = await api.byService();
    expect((await service.send(requestOf('readOrganization', at))).status).toBe(200);
    await api.db.query(statement(`update clients set status = 'suspended' where name = 'Sync'`));
    expect((await service.send(requestOf('readOrganization', at))).status).toBe(401);
  });
});
