/** What a platform synchronizes is changed by its service client, and by nobody else. */

import { randomUUID } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { printId } from '../../src/lib/ids.ts';
import { databaseRoles } from '../../src/members/roles.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { emailOf, freshSlug, makeAccount } from '../organizations/world.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { type Caller, requestOf, startApi } from './api-server.ts';

const api = forAllTests(startApi);
const service = forAllTests(() => api.byService([]));

let at: Record<string, string>;
let administrator: string;
let inBrowser: Caller;
beforeEach(async () => {
  administrator = await makeAccount(api.db);
  const external = {
    external_organization: randomUUID(),
    external_database: randomUUID(),
    external_branch: randomUUID(),
  };
  const put = async (id: string, body: unknown) =>
    (await service.send(requestOf(id, external), { body })).body.id;
  const named = { slug: freshSlug(), name: 'Synced', administrator: emailOf(administrator) };
  const organization = await put('syncOrganization', named);
  const database = await put('syncDatabase', { slug: 'shop' });
  const branch = await put('syncBranch', { slug: 'side', production: false });
  at = { organization, database, branch };
  inBrowser = await api.inBrowser(administrator);
});

const changes: readonly (readonly [id: string, body?: unknown])[] = [
  ['renameOrganization', { name: 'Other', slug: 'other-organization' }],
  ['renameDatabase', { slug: 'other' }],
  ['createBranch', { slug: 'another' }],
  ['renameBranch', { slug: 'other' }],
  ['promoteBranch'],
  ['demoteBranch'],
  ['deleteBranch'],
  ['deleteDatabase'],
  ['deleteOrganization'],
];

const send = (who: Caller, id: string, body?: unknown, where = at) =>
  who.send(requestOf(id, where), body === undefined ? {} : { body });

const tree = async () =>
  api.db.query(
    statement(`select o.slug as organization, d.slug as database, b.slug as branch, b.production
                 from organizations o left join databases d on d.organization_id = o.id
                 left join branches b on b.database_id = d.id
                where o.slug = $1 order by 1, 2, 3`),
    [(await send(service, 'readOrganization')).body.slug],
  );

test('an administrator in the browser is refused each change, and nothing changes', async () => {
  const before = await tree();
  for (const [id, body] of changes) {
    const { status, body: problem } = await send(inBrowser, id, body);
    expect([id, status, problem.reason]).toEqual([id, 409, 'managed_by_platform']);
  }
  expect(await tree()).toEqual(before);
});

test('an application with their token is refused as well', async () => {
  const { body } = await send(service, 'readOrganization');
  const id = await idOf('organizations', body.slug);
  const app = await api.byToken(administrator, id);
  // No scope demotes what is no production branch, so a token is not asked about this one.
  for (const [route, change] of changes.filter(([name]) => name !== 'demoteBranch')) {
    const { status, body: problem } = await send(app, route, change);
    expect([route, status, problem.reason]).toEqual([route, 409, 'managed_by_platform']);
  }
});

test('the platform’s service client changes it by every address', async () => {
  for (const [id, body] of changes) {
    const { status } = await send(service, id, body);
    expect([id, status < 300]).toEqual([id, true]);
  }
});

test('what has no id of the platform stays the organization’s own', async () => {
  const made = await send(inBrowser, 'createDatabase', { slug: 'own' });
  const branch = await send(
    inBrowser,
    'createBranch',
    { slug: 'own' },
    {
      ...at,
      database: made.body.id,
    },
  );
  const own = { ...at, database: made.body.id, branch: branch.body.id };
  for (const [id, body] of changes.filter(([name]) => !name.endsWith('Organization'))) {
    expect([id, (await send(inBrowser, id, body, own)).status < 300]).toEqual([id, true]);
  }
});

test('people, roles and settings that the platform does not say are changed as ever', async () => {
  const other = await makeAccount(api.db);
  const id = await idOf('organizations', (await send(service, 'readOrganization')).body.slug);
  await api.db.query(
    statement('insert into organization_members (organization_id, account_id) values ($1, $2)'),
    [id, other],
  );
  const policy = { application_policy: 'approval_required' };
  expect((await send(inBrowser, 'setApplicationPolicy', policy)).status).toBe(200);
  const role = await send(
    inBrowser,
    'giveDatabaseRole',
    { role: databaseRoles[0] },
    {
      ...at,
      member: printId('user', other),
    },
  );
  expect(role.status).toBe(204);
});

async function idOf(table: string, slug: string): Promise<string> {
  const [row] = await api.db.query<{ id: string }>(
    statement(`select id from ${table} where slug = $1`),
    [slug],
  );
  return row?.id ?? '';
}
