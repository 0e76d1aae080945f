/** What a list tells of things that the token does not reach: nothing, in items and in cursors. */

import { beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../../src/api/management/routes.ts';
import { createDatabase } from '../../src/organizations/databases.ts';
import {
  setApplicationPolicy,
  setBaseRole,
} from '../../src/organizations/organization-settings.ts';
import { inSession, makeWorld } from '../organizations/world.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { type Caller, printed, requestOf, startApi } from './api-server.ts';

const api = forAllTests(startApi);
const world = forAllTests(() => makeWorld(api.db));
let at: Record<string, string>;
const slugs: string[] = [];
beforeAll(async () => {
  at = printed(world.ids);
  const { organizationId } = world.ids;
  for (let n = 0; n < 12; n++) {
    const slug = `a-secret-project-${n}`;
    await createDatabase(api.db, inSession(world.accounts.admin), organizationId, slug);
    slugs.push(slug);
  }
});

/** A token for the one database of the world, which is last by its slug. */
function forOneDatabase(): Promise<Caller> {
  const { organizationId, databaseId } = world.ids;
  return api.byTokenFor(world.accounts.admin, [
    [{ id: databaseId, slug: '', organization_id: organizationId }, 'database:read_database'],
  ]);
}

describe('a cursor', () => {
  test('shows neither the position nor its length', async () => {
    const admin = await api.inBrowser(world.accounts.admin);
    const cursors: string[] = [];
    for (let cursor = ''; ; cursor = `&cursor=${cursors.at(-1)}`) {
      const { body } = await admin.send(`${requestOf('listDatabases', at)}?limit=1${cursor}`);
      if (body.next_cursor === undefined) break;
      cursors.push(body.next_cursor);
    }
    expect(cursors).toHaveLength(slugs.length);
    expect(new Set(cursors.map(({ length }) => length)).size).toBe(1);
    const read = cursors.map((one) => Buffer.from(one, 'base64url').toString('latin1'));
    for (const slug of slugs) expect(read.filter((text) => text.includes(slug))).toEqual([]);
  });

  test.each(['readAuditLog', 'readOwnAuditLog', 'listMembers', 'listBranches', 'listTeams'])(
    'of %s is as closed',
    async (id) => {
      const admin = await api.inBrowser(world.accounts.admin);
      await admin.send(requestOf('createTeam', at), {
        body: { slug: `t-${id.toLowerCase()}`, name: 'T' },
      });
      const { body } = await admin.send(`${requestOf(id, at)}?limit=1`);
      const second = (await admin.send(`${requestOf(id, at)}?limit=1`)).body.next_cursor;
      expect([body.next_cursor, second]).toEqual([expect.any(String), expect.any(String)]);
      expect(second).not.toBe(body.next_cursor);
    },
  );

  test('of one application is not another one’s', async () => {
    const scope = 'organization:read_members';
    const one = await api.byToken(world.accounts.admin, world.ids.organizationId, scope);
    const two = await api.byToken(world.accounts.admin, world.ids.organizationId, scope);
    const { body } = await one.send(`${requestOf('listMembers', at)}?limit=1`);
    const next = `${requestOf('listMembers', at)}?limit=1&cursor=${body.next_cursor}`;
    expect([(await one.send(next)).status, (await two.send(next)).status]).toEqual([200, 422]);
  });
});

describe('a page', () => {
  test('of a token for one database does not tell how many others there are', async () => {
    const token = await forOneDatabase();
    const { body } = await token.send(`${requestOf('listDatabases', at)}?limit=1`);
    expect(body).toEqual({ items: [expect.objectContaining({ id: at['database'] })] });
  });
});

describe('an organization that never approved the application', () => {
  test('is listed by name, without its settings', async () => {
    const of = await makeWorld(api.db, 'none');
    const { admin } = of.accounts;
    const { organizationId } = of.ids;
    const token = await api.byToken(admin, organizationId);
    const listed = async () =>
      (await token.send('GET /organizations')).body.items.find(
        ({ id }: { id: string }) => id === printed(of.ids)['organization'],
      );
    expect(await listed()).toMatchObject({ base_role: 'none', application_policy: 'open' });
    await setApplicationPolicy(api.db, inSession(admin), organizationId, {
      applicationPolicy: 'approval_required',
    });
    expect(Object.keys(await listed()).toSorted()).toEqual(['id', 'name', 'slug']);
  });

  test('a token without the scope to read it reads no settings either', async () => {
    const token = await api.byTokenFor(world.accounts.admin, [
      [undefined, 'user:read_organizations'],
    ]);
    const { body } = await token.send('GET /organizations');
    expect(body.items.map(Object.keys)).toEqual([['id', 'slug', 'name']]);
  });

  test('people see all of it', async () => {
    const admin = await api.inBrowser(world.accounts.admin);
    const { body } = await admin.send('GET /organizations');
    expect(body.items[0]).toMatchObject({ base_role: 'member', application_policy: 'open' });
  });
});

describe('why somebody may do something', () => {
  test('names teams and the base role to people, and to no token', async () => {
    const { organizationId, databaseId } = world.ids;
    const scope = 'database:read_database';
    const picked = { id: databaseId, slug: '', organization_id: organizationId };
    const token = await api.byTokenFor(world.accounts.teamDba, [[picked, scope]]);
    const person = await api.inBrowser(world.accounts.teamDba);
    const sources = async (caller: Caller) =>
      (await caller.send(requestOf('readOwnAccess', at))).body.permissions[0].sources;
    expect(await sources(person)).toEqual([
      { kind: 'team', role: 'database_admin', team: expect.objectContaining({ id: at['team'] }) },
      { kind: 'base_role', role: 'member' },
    ]);
    expect(await sources(token)).toEqual([
      { kind: 'team', role: 'database_admin' },
      { kind: 'base_role' },
    ]);
  });
});

describe('the base role', () => {
  test('is set by people and by the platform, not by token', async () => {
    const token = await api.byToken(world.accounts.admin, world.ids.organizationId);
    const sent = { body: { base_role: 'developer' } };
    const { status, body } = await token.send(requestOf('setBaseRole', at), sent);
    expect([status, body.reason]).toEqual([403, 'not_by_token']);
    const admin = await api.inBrowser(world.accounts.admin);
    expect((await admin.send(requestOf('setBaseRole', at), sent)).status).toBe(200);
    await setBaseRole(api.db, inSession(world.accounts.admin), world.ids.organizationId, 'member');
    expect(routes.find(({ id }) => id === 'setBaseRole')?.scopes).toEqual([]);
  });
});
