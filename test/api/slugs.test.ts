/** Addresses take the slug of an organization, database, branch or team in place of its id. */

import { beforeAll, describe, expect, test } from 'vitest';
import { describeId, namesIn } from '../../src/api/management/path-parameters.ts';
import { routes } from '../../src/api/management/routes.ts';
import { makeApplication, makeConsent, makeWorld } from '../organizations/world.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { type Caller, printed, requestOf, startApi } from './api-server.ts';
import { samples } from './samples.ts';

const api = forAllTests(startApi);
beforeAll(() => makeApplication(api.db, 'an-application'));

type Names = Record<string, string>;
const readers = [
  ['organization', 'readOrganization'],
  ['database', 'readDatabase'],
  ['branch', 'readBranch'],
  ['team', 'readTeam'],
] as const;

async function slugsOf(admin: Caller, at: Names): Promise<Names> {
  const slugs: Names = { ...at };
  for (const [name, id] of readers) slugs[name] = (await admin.send(requestOf(id, at))).body.slug;
  return slugs;
}

async function begin() {
  const world = await makeWorld(api.db);
  const at = printed(world.ids);
  const admin = await api.inBrowser(world.accounts.admin);
  await admin.send(requestOf('addTeamMember', at));
  const { accountId, organizationId } = world.ids;
  const application = await makeApplication(api.db, at['application']);
  await makeConsent(api.db, accountId, application, organizationId);
  return { world, at, admin, slugs: await slugsOf(admin, at) };
}

const named = routes.filter(({ address }) =>
  namesIn(address).some((name) => describeId(name).takesSlug),
);

describe('by slug as by id', () => {
  test.each(named.map(({ id, address }) => [id, address] as const))('%s', async (id, address) => {
    const { first = [], body, query = '' } = samples[id] ?? {};
    const { at, admin, slugs } = await begin();
    for (const [before, sent] of first) await admin.send(requestOf(before, at), { body: sent });
    const read = `GET ${requestOf(id, at).split(' ')[1]}`;
    const tag = (await admin.send(read)).headers.get('etag') ?? '';
    const headers: Names = address.startsWith('DELETE ') && tag !== '' ? { 'if-match': tag } : {};
    const bySlug = { ...slugs, ...(tag === '' && address.startsWith('DELETE ') ? at : {}) };
    if (address.startsWith('GET ')) {
      const [one, other] = [
        await admin.send(requestOf(id, slugs) + query),
        await admin.send(requestOf(id, at) + query),
      ];
      const tags = [one, other].map(({ headers: told }) => told.get('etag'));
      expect([one.status, tags[0]]).toEqual([200, tags[1]]);
      return;
    }
    const { status, text } = await admin.send(requestOf(id, bySlug), { body, headers });
    expect([id, status < 300, text]).toEqual([id, true, text]);
  });

  test('to a token as well, as far as it reaches', async () => {
    const { world, slugs } = await begin();
    const { organizationId, databaseId } = world.ids;
    const scope = 'database:read_database database:read_branches';
    const token = await api.byTokenFor(world.accounts.admin, [
      [{ id: databaseId, slug: '', organization_id: organizationId }, scope],
    ]);
    expect((await token.send(requestOf('readDatabase', slugs))).status).toBe(200);
    expect((await token.send(requestOf('listBranches', slugs))).status).toBe(200);
    expect((await token.send(requestOf('readOrganization', slugs))).status).toBe(403);
    expect((await token.send('GET /organizations/no-such-thing')).status).toBe(404);
  });
});

describe('a name is within its parent', () => {
  test('of another organization it is as nobody’s', async () => {
    const [here, there] = [await begin(), await begin()];
    const mixed = { ...here.slugs, database: there.slugs['database'] ?? '' };
    for (const id of ['readDatabase', 'listBranches', 'readBranch', 'renameDatabase']) {
      const { status } = await here.admin.send(requestOf(id, mixed), { body: samples[id]?.body });
      expect([id, status]).toEqual([id, 404]);
    }
    const abroad = await here.admin.send(requestOf('readOrganization', there.slugs));
    const none = await here.admin.send('GET /organizations/nobody-has-this');
    expect([abroad.status, abroad.body.type]).toEqual([none.status, none.body.type]);
    expect(abroad.status).toBe(404);
  });

  test('who is not signed in learns nothing from it', async () => {
    const { slugs } = await begin();
    for (const path of [
      `/organizations/${slugs['organization']}`,
      '/organizations/no-such-thing',
    ]) {
      expect((await api.nobody.send(`GET ${path}`)).status).toBe(401);
    }
  });

  test.each([
    'org_0',
    `team_${'0'.repeat(32)}`,
    'A',
    'a_b',
    '-a',
    'a'.repeat(64),
    'a%00b',
    'a%2Fb',
  ])('%s is no name', async (text) => {
    const { admin } = await begin();
    expect((await admin.send(`GET /organizations/${text}`)).status).toBe(404);
  });
});

describe('a deletion by name', () => {
  test.each([
    'deleteOrganization',
    'deleteDatabase',
    'deleteBranch',
    'deleteTeam',
    'removeMember',
    'takeDatabaseRole',
    'removeTeamMember',
    'removeTeamDatabase',
  ])('%s takes the tag of what was read (RFC 6585 section 3)', async (id) => {
    const { admin, slugs } = await begin();
    const { status, body } = await admin.send(requestOf(id, slugs));
    expect([status, body.type]).toEqual([428, 'urn:usher:problem:precondition-required']);
    const any = await admin.send(requestOf(id, slugs), { headers: { 'if-match': '*' } });
    expect(any.status).toBe(428);
  });

  test('meets no other thing of the same name', async () => {
    const { admin, at, slugs } = await begin();
    const read = await admin.send(requestOf('readTeam', slugs));
    const headers = { 'if-match': read.headers.get('etag') ?? '' };
    await admin.send(requestOf('deleteTeam', at));
    const { slug, name } = read.body;
    const made = await admin.send(requestOf('createTeam', at), { body: { slug, name } });
    expect(made.status).toBe(201);
    expect((await admin.send(requestOf('deleteTeam', slugs), { headers })).status).toBe(412);
    const now = { 'if-match': made.headers.get('etag') ?? '' };
    expect((await admin.send(requestOf('deleteTeam', slugs), { headers: now })).status).toBe(204);
  });

  test('needs no tag where an id inside binds the name', async () => {
    const { admin, at, slugs } = await begin();
    const inside = { ...slugs, branch: at['branch'] ?? '', team: at['team'] ?? '' };
    expect((await admin.send(requestOf('deleteBranch', inside))).status).toBe(204);
    expect((await admin.send(requestOf('deleteTeam', inside))).status).toBe(204);
  });
});
