/** What an application can do for a member, and why, is what introspection would answer about its token. */

import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { introspect } from '../../src/introspection/introspect.ts';
import { parseId } from '../../src/lib/ids.ts';
import { administratorRole } from '../../src/members/roles.ts';
import type { AskedResource } from '../../src/organizations/asked-resource.ts';
import { explainApplication } from '../../src/organizations/why-application.ts';
import { type Database, statement } from '../../src/storage/engine/database.ts';
import { insertMember } from '../../src/storage/people/members.ts';
import { runsOf } from '../catalogue/rows-in-use.ts';
import { type Resource, resourcesOf, type World, worlds } from '../decisions/worlds.ts';
import { issuer } from '../introspection/scenario.ts';
import { type WrittenWorld, writeWorld } from '../introspection/written-world.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { worldIn } from '../support/world.ts';
import { inSession, makeAccount, makeWorld, outcomeOf, type Who } from './world.ts';

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await openTestDatabase();
  db = database.db;
});
afterAll(() => database.close());

/** The world with a token that the application has just got, for all that it is registered for. */
function withNewToken(world: World): World {
  const { registered } = world.token;
  const { approval } = world.policy;
  return {
    ...world,
    entries: world.entries.filter((entry) => entry.scopes.length > 0), // others are not stored
    token: { issued: registered, registered, version: 3 },
    policy: { ...world.policy, approval: approval && { ...approval, seconds: undefined } },
  };
}

/** The worlds' clients never send a browser anywhere; this one does. */
const letIn = statement(`update clients set grant_types = '{authorization_code}' where id = $1`);

const treeIn = statement(`
  select o.id as "organizationId", d.id as "databaseId", b.id as "branchId" from organizations o
    left join databases d on d.organization_id = o.id and o.id <> $1
    left join branches b on b.database_id = d.id and b.id = $1
   where $1 in (o.id, d.id, b.id)`);

async function placeOf(written: WrittenWorld, resource: Resource): Promise<AskedResource> {
  const kind = resource.kind === 'user' ? 'organization' : resource.kind;
  const id = parseId(kind, written.named(resource).identifier) ?? '';
  const [row] = await db.query<Record<keyof AskedResource, string | null>>(treeIn, [id]);
  if (row === undefined) throw new Error('there is no such resource');
  const { organizationId, databaseId, branchId } = row;
  return {
    organizationId: organizationId ?? '',
    databaseId: databaseId ?? undefined,
    branchId: branchId ?? undefined,
  };
}

test('in any world, it can do what a new token of its could be used for, and each no has its reason', async () => {
  const property = fc.asyncProperty(worlds.map(withNewToken), async (world) => {
    const written = await writeWorld(db, world, '');
    const { accountId, askers } = written;
    await db.query(letIn, [askers.own]);
    const { organizationId } = await placeOf(written, { kind: 'organization' });
    const asker = await makeAccount(db);
    await insertMember(db, { organizationId, accountId: asker, role: administratorRole });
    for (const resource of resourcesOf(world).filter(({ kind }) => kind !== 'user')) {
      const at = await placeOf(written, resource);
      const { identifier } = written.named(resource);
      const question = { asker: askers.platform, token: written.token, resource: identifier };
      const [introspected] = await introspect(db, [question], issuer);
      const { scope = '' } = introspected?.active ? introspected : {};
      const held = new Set(scope.split(' ').filter((one) => one !== ''));
      const asked = { ...at, accountId, clientId: askers.own };
      const why = await explainApplication(db, inSession(asker), asked);
      const can = why.answers.filter(({ refusal }) => refusal === undefined);
      const cannot = why.answers.filter(({ refusal }) => refusal !== undefined);
      expect(can.filter((one) => !held.has(one.scope))).toEqual([]);
      expect(cannot.filter((one) => held.has(one.scope))).toEqual([]);
      expect(can.length > 0).toBe(held.size > 0);
      for (const { allowedOn, sources } of can) {
        expect([allowedOn.length > 0, sources.length > 0]).toEqual([true, true]);
      }
    }
  });
  await fc.assert(property, { numRuns: runsOf(12) });
}, 600_000);

test('administrators ask about everybody, others about themselves; nobody about other organizations', async () => {
  const world = await makeWorld(db);
  const other = await makeWorld(db);
  const { id: clientId } = await worldIn(db).client();
  await db.query(letIn, [clientId]);
  const { organizationId, databaseId } = world.ids;
  const ask = (by: Who, about: string, more = {}) => {
    const at = { organizationId, databaseId, accountId: about, clientId, ...more };
    return outcomeOf(explainApplication(db, inSession(world.accounts[by]), at));
  };
  const { reader } = world.accounts;
  expect([
    await ask('admin', reader),
    await ask('reader', reader),
    await ask('dba', reader),
    await ask('developer', reader),
    await ask('admin', other.accounts.reader),
    await ask('admin', reader, { databaseId: other.ids.databaseId }),
    await ask('admin', reader, { clientId: 'nobody' }),
  ]).toEqual([
    'done',
    'done',
    'forbidden role',
    'forbidden role',
    'not_found',
    'not_found',
    'not_found',
  ]);
});
