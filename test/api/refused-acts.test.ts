/**
 * A refused act is told in the trail of the organization whose people tried it, once every part of
 * the path is proven to belong together. A stranger writes into nobody's trail.
 */

import { beforeAll, describe, expect, test } from 'vitest';
import { namesIn } from '../../src/api/management/path-parameters.ts';
import { routes } from '../../src/api/management/routes.ts';
import { sha256 } from '../../src/lib/secrets.ts';
import { acceptInvitation } from '../../src/organizations/answer-invitation.ts';
import { takeStrangerRefusals } from '../../src/organizations/stranger-refusals.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { emailOf, inSession, makeAccount, makeWorld, outcomeOf } from '../organizations/world.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { type Caller, printed, requestOf, startApi } from './api-server.ts';
import { samples } from './samples.ts';

const api = forAllTests(startApi);
const home = forAllTests(() => makeWorld(api.db));
let own: Record<string, string>;
let foreign: Record<string, string>;
const callers: [name: string, caller: Caller][] = [];
beforeAll(async () => {
  own = printed(home.ids);
  foreign = printed((await makeWorld(api.db)).ids);
  const { organizationId, databaseId, branchId } = home.ids;
  const scope = 'organization:read_organization';
  const database = { id: databaseId, slug: '', organization_id: organizationId };
  callers.push(
    ['member in a browser', await api.inBrowser(home.accounts.member)],
    ['administrator in a browser', await api.inBrowser(home.accounts.admin)],
    ['stranger in a browser', await api.inBrowser(home.accounts.outsider)],
    ['token that may only read', await api.byToken(home.accounts.admin, organizationId, scope)],
    [
      'token for one database',
      await api.byTokenFor(home.accounts.admin, [[database, 'database:read_database']]),
    ],
    [
      'token for one branch',
      await api.byTokenFor(home.accounts.admin, [
        [
          { ...database, id: branchId, database_id: databaseId, production: false },
          'branch:read_branch',
        ],
      ]),
    ],
  );
}, 60_000);

async function events(organization?: string): Promise<number> {
  const where = organization === undefined ? '' : `where organization_id = '${organization}'`;
  const [row] = await api.db.query<{ count: number }>(
    statement(`select count(*)::int as count from audit_events ${where}`),
  );
  return row?.count ?? 0;
}

const changes = routes.filter(
  ({ act, address }) =>
    act !== undefined && !address.startsWith('GET ') && namesIn(address).length > 1,
);

/** An application of others, and one that registered itself, belong to no organization. */
const isInside = (kind: string) => kind !== 'application' && kind !== 'adoptable';

describe.each(changes.map((route) => [route.id, route] as const))('%s', (id, { address }) => {
  const sent = () => ({ body: samples[id]?.body, headers: samples[id]?.headers ?? {} });

  test.each(namesIn(address).filter(isInside))(
    'with the %s of another organization is told nowhere',
    async (kind) => {
      for (const [name, caller] of callers) {
        const before = await events();
        const ids = { ...own, [kind]: foreign[kind] ?? '' };
        const { status } = await caller.send(requestOf(id, ids), sent());
        expect([name, status]).toEqual([name, expect.toBeOneOf([403, 404])]);
        expect([name, await events()]).toEqual([name, before]);
      }
    },
  );
});

test('an own database under a stranger’s organization is not there, and is counted', async () => {
  const path = `DELETE /organizations/${foreign['organization']}/databases/${own['database']}`;
  const [, token] = callers.find(([name]) => name === 'token for one database') ?? [];
  takeStrangerRefusals();
  const before = await events();
  expect((await token?.send(path))?.status).toBe(404);
  expect(await events()).toBe(before);
  expect(takeStrangerRefusals()).toEqual({ 'database.deleted': 1 });
});

test('an own branch under another database of the same organization is not there either', async () => {
  const admin = await api.inBrowser(home.accounts.admin);
  const other = (await admin.send(requestOf('createDatabase', own), { body: { slug: 'other' } }))
    .body.id;
  const [, token] = callers.find(([name]) => name === 'token for one branch') ?? [];
  const before = await events();
  const request = requestOf('deleteBranch', { ...own, database: other });
  expect((await token?.send(request))?.status).toBe(404);
  expect(await events()).toBe(before);
});

test('what is refused to one of the people is told, and what is refused to a stranger counted', async () => {
  const [, member] = callers[0] ?? [];
  takeStrangerRefusals();
  const before = await events(home.ids.organizationId);
  expect((await member?.send(requestOf('removeMember', own)))?.status).toBe(403);
  expect(await events(home.ids.organizationId)).toBe(before + 1);
  expect(takeStrangerRefusals()).toEqual({});
  const elsewhere = { ...own, member: foreign['member'] ?? '' };
  expect((await member?.send(requestOf('removeMember', elsewhere)))?.status).toBe(403);
  expect(await events(home.ids.organizationId)).toBe(before + 1);
  expect(takeStrangerRefusals()).toEqual({ 'member.removed': 1 });
});

test('who cannot answer an invitation yet is a stranger still', async () => {
  const stranger = await makeAccount(api.db, { verified: false });
  const token = 'an-invitation';
  await api.db.query(
    statement(`update invitations set email = $2, token_hash = $3 where id = $1`),
    [home.ids.invitationId, emailOf(stranger), sha256(token)],
  );
  takeStrangerRefusals();
  const before = await events();
  expect(await outcomeOf(acceptInvitation(api.db, inSession(stranger), token))).toBe(
    'forbidden address_unverified',
  );
  expect(await events()).toBe(before);
  expect(takeStrangerRefusals()).toEqual({ 'invitation.accepted': 1 });
});
