/**
 * The management API on the made-up catalogue: its rules say which scope lets a token do what, and its
 * roles what a member may do, of whichever of five organization roles and four database roles.
 */

import '../catalogue/on-workbench.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { printId } from '../../src/lib/ids.ts';
import { giveDatabaseRole } from '../../src/organizations/database-people.ts';
import { insertMember } from '../../src/storage/people/members.ts';
import { cast, keysOnDatabase, permissionRows, scopeRows } from '../catalogue/rows-in-use.ts';
import {
  freshSlug,
  inSession,
  makeAccount,
  makeWorld,
  type World,
} from '../organizations/world.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import type { Picked } from '../support/world.ts';
import { printed, requestOf, startApi } from './api-server.ts';

const { routes }: { routes: Record<string, string[]> } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../catalogue/workbench/rules.json'), 'utf8'),
);
const reading = [
  ...['readUser', 'listOrganizations', 'readOrganization', 'listMembers', 'listInvitations'],
  ...['listDatabases', 'readDatabase', 'listDatabaseMembers', 'readAccess', 'readOwnAccess'],
  ...['listBranches', 'readBranch'],
];
const allScopes = scopeRows.map(({ scope }) => scope);

const api = forAllTests(startApi);
let world: World;
let at: Record<string, string>;
beforeAll(async () => {
  world = await makeWorld(api.db);
  at = printed(world.ids);
});

/** The administrator's application, with these scopes wherever they can be given. */
function holding(scopes: readonly string[]) {
  const { accounts, ids } = world;
  const { organizationId: organization_id, databaseId: database_id, branchId } = ids;
  const of = (level: string) => scopes.filter((scope) => scope.startsWith(`${level}:`)).join(' ');
  const database = { id: database_id, slug: '', organization_id };
  const picks: [Picked, string][] = [
    [undefined, of('user')],
    [{ id: organization_id, slug: '' }, of('organization')],
    [database, of('database')],
    [{ ...database, id: branchId, database_id, production: false }, of('branch')],
  ];
  return api.byTokenFor(
    accounts.admin,
    picks.filter(([, text]) => text !== ''),
  );
}

describe('a token reads what the rules let it, and nothing else', () => {
  test.each(reading)('%s', async (id) => {
    const needed = routes[id] ?? [];
    expect(needed.length).toBeGreaterThan(0);
    const request = requestOf(id, at);
    for (const scope of needed) {
      const { status } = await (await holding([scope])).send(request);
      expect([scope, status]).toEqual([scope, 200]);
    }
    const others = await holding(allScopes.filter((scope) => !needed.includes(scope)));
    const refused = await others.send(request);
    expect([refused.status, refused.headers.get('www-authenticate') ?? '']).toEqual([
      403,
      expect.stringContaining(needed[0] ?? ''),
    ]);
  });
});

const givenRoles = cast.organizationRoles.flatMap((organizationRole) =>
  [undefined, ...cast.databaseRoles].map((direct) => ({ organizationRole, direct })),
);

test.each(givenRoles)('what $organizationRole with $direct may do', async (given) => {
  const { organizationRole, direct } = given;
  const { organizationId, databaseId } = world.ids;
  const accountId = await makeAccount(api.db);
  await insertMember(api.db, { organizationId, accountId, role: organizationRole });
  const admin = inSession(world.accounts.admin);
  const place = { organizationId, databaseId, accountId };
  if (direct !== undefined) await giveDatabaseRole(api.db, admin, place, direct);
  const caller = await api.inBrowser(world.accounts.admin);
  const request = requestOf('readAccess', { ...at, member: printId('user', accountId) });
  const { body } = await caller.send(request);
  const keys = keysOnDatabase(organizationRole, cast.defaultBaseRole, direct, false);
  const held = permissionRows.filter(
    ({ on, roles }) => on === 'database' && roles.some((role) => keys.has(role)),
  );
  const said = body.permissions.map((one: { permission: string }) => one.permission);
  expect(said).toEqual(held.map(({ id }) => id));
});

describe('a token changes what the rules let it, and nothing else', () => {
  const invited = () => ({ email: `${freshSlug()}@new.test`, role: 'analyst' });
  const changing: [string, (() => unknown)?][] = [
    ['createDatabase', () => ({ slug: freshSlug() })],
    ['renameDatabase', () => ({ slug: freshSlug() })],
    ['deleteDatabase'],
    ['createBranch', () => ({ slug: freshSlug() })],
    ['renameBranch', () => ({ slug: freshSlug() })],
    ['deleteBranch'],
    ['invite', invited],
    ['changeMemberRole', () => ({ role: 'billing_manager' })],
    ['giveDatabaseRole', () => ({ role: 'editor' })],
    ['removeMember'],
  ];
  /** The scopes of branches of the other kind do nothing on a draft. */
  const isForDrafts = (scope: string) => !scope.includes('delete_production');

  test.each(changing)('%s', async (id, body) => {
    const needed = (routes[id] ?? []).filter(isForDrafts);
    expect(needed.length).toBeGreaterThan(0);
    const others = allScopes.filter((scope) => !(routes[id] ?? []).includes(scope));
    for (const scope of needed) {
      world = await makeWorld(api.db);
      const request = requestOf(id, printed(world.ids));
      const sent = () => (body === undefined ? {} : { body: body() });
      const refused = await (await holding(others)).send(request, sent());
      expect([refused.status, refused.headers.get('www-authenticate') ?? '']).toEqual([
        403,
        expect.stringContaining(needed[0] ?? ''),
      ]);
      const done = await (await holding([scope])).send(request, sent());
      expect([scope, done.status, done.text]).toEqual([
        scope,
        expect.toSatisfy((status: number) => status >= 200 && status < 300),
        expect.any(String),
      ]);
    }
  });
});

test('its roles are given by their names, and those of the default catalogue are none', async () => {
  world = await makeWorld(api.db);
  const ids = printed(world.ids);
  const admin = await api.inBrowser(world.accounts.admin);
  for (const role of cast.organizationRoles) {
    const changed = await admin.send(requestOf('changeMemberRole', ids), { body: { role } });
    const read = await admin.send(requestOf('readMember', ids));
    expect([changed.status, read.body.role]).toEqual([200, role]);
    const body = { email: `${role}@new.test`, role };
    expect((await admin.send(requestOf('invite', ids), { body })).body.role).toBe(role);
  }
  for (const [id, role] of [
    ['changeMemberRole', 'organization_member'],
    ['giveDatabaseRole', 'database_reader'],
  ] as const) {
    const refused = await admin.send(requestOf(id, ids), { body: { role } });
    expect([id, refused.status, refused.text]).toEqual([id, 422, expect.stringContaining('role')]);
  }
});
