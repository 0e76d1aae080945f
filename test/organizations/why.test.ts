/** Why somebody can or cannot do something is what introspection would answer them. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scopes } from '../../src/catalogue/scopes.ts';
import { introspect } from '../../src/introspection/introspect.ts';
import { parseId } from '../../src/lib/ids.ts';
import { administratorRole } from '../../src/members/roles.ts';
import { type Asked, askableAt, printAsked, readAsked } from '../../src/organizations/asked.ts';
import type { AskedResource } from '../../src/organizations/asked-resource.ts';
import { setBaseRole } from '../../src/organizations/organization-settings.ts';
import { whoCan } from '../../src/organizations/who-can.ts';
import { explainMember } from '../../src/organizations/why.ts';
import { statement } from '../../src/storage/engine/database.ts';
import type { Position } from '../../src/storage/engine/listed.ts';
import { insertMember } from '../../src/storage/people/members.ts';
import { runsOf } from '../catalogue/rows-in-use.ts';
import { type Resource, resourcesOf, type World, worlds } from '../decisions/worlds.ts';
import { issuer } from '../introspection/scenario.ts';
import { type WrittenWorld, writeWorld } from '../introspection/written-world.ts';
import { openDb } from '../support/database.ts';
import { forAllTests, forEachTest } from '../support/for-all-tests.ts';
import { inSession, makeAccount, makeWorld, outcomeOf, people, type Who } from './world.ts';

const db = forAllTests(openDb);

const allScopes = scopes.map(({ scope }) => scope);

/** The world with everything consented to, so that nothing but roles decides. */
function allConsented(world: World): World {
  const entry = { scopes: [...allScopes], version: 1, includesProduction: true, isOld: false };
  return {
    ...world,
    entries: resourcesOf(world).map((resource) => ({
      ...entry,
      resource,
      remembered: resource.kind === 'branch' && resource.production,
    })),
    token: { issued: [...allScopes], registered: [...allScopes], version: 3 },
    policy: { ...world.policy, mode: 'open', isGuarded: false, isShutOut: false },
  };
}

const inOrganization = worlds
  .map(allConsented)
  .filter(({ organizationRole }) => organizationRole !== undefined);

const memberIn = statement(`
  select organization_id as "organizationId", account_id as "accountId"
    from organization_members where organization_id = $1`);

const treeIn = statement(`
  select o.id as organization, d.id as database from organizations o
    left join databases d on d.organization_id = o.id
    left join branches b on b.database_id = d.id
   where $1 in (o.id, d.id, b.id)`);

async function placeOf(written: WrittenWorld, resource: Resource): Promise<AskedResource> {
  const { identifier } = written.named(resource);
  const kind = resource.kind === 'user' ? 'organization' : resource.kind;
  const id = parseId(kind, identifier) ?? '';
  const [row] = await db.query<{ organization: string; database: string | null }>(treeIn, [id]);
  if (row === undefined) throw new Error(`nothing is called ${identifier}`);
  return {
    organizationId: row.organization,
    databaseId: kind === 'organization' ? undefined : (row.database ?? undefined),
    branchId: kind === 'branch' ? id : undefined,
  };
}

async function everybodyWhoCan(actorId: string, at: AskedResource, asked: Asked) {
  const found: string[] = [];
  let after: Position | undefined;
  do {
    const page = await whoCan(db, inSession(actorId), at, asked, { after, limit: 2 });
    found.push(...page.holders.map(({ item }) => item.accountId));
    after = page.next;
  } while (after !== undefined);
  return found;
}

test('in any world, what somebody can is what a token of theirs could be used for', async () => {
  const property = fc.asyncProperty(inOrganization, async (world) => {
    const written = await writeWorld(db, world, '');
    const organization = await placeOf(written, { kind: 'organization' });
    const [person] = await db.query<{ accountId: string }>(memberIn, [organization.organizationId]);
    const accountId = person?.accountId ?? '';
    const asker = await makeAccount(db);
    const { organizationId } = organization;
    await insertMember(db, { organizationId, accountId: asker, role: administratorRole });
    const resources = resourcesOf(world).filter(({ kind }) => kind !== 'user');
    for (const resource of resources) {
      const at = await placeOf(written, resource);
      const { identifier } = written.named(resource);
      const question = {
        asker: written.askers.platform,
        token: written.token,
        resource: identifier,
      };
      const [answer] = await introspect(db, [question], issuer);
      const held = answer?.active && answer.scope !== undefined ? answer.scope.split(' ') : [];
      const asked = scopes
        .filter(({ actsOn }) => actsOn === resource.kind)
        .map(({ scope }): Asked => ({ kind: 'scope', scope }));
      const { answers } = await explainMember(db, inSession(asker), { ...at, accountId }, asked);
      const given = answers.filter(({ refusal }) => refusal === undefined);
      expect(given.filter(({ sources }) => sources.length === 0)).toEqual([]);
      const can = given.map((why) => printAsked(why.asked));
      expect(can.toSorted()).toEqual(held.toSorted());
      const one = asked[can.length % Math.max(asked.length, 1)];
      if (one === undefined) continue;
      const holders = await everybodyWhoCan(asker, at, one);
      expect(holders.includes(accountId)).toBe(can.includes(printAsked(one)));
    }
  });
  await fc.assert(property, { numRuns: runsOf(8) });
}, 600_000);

describe('in an organization with people of each kind', () => {
  const world = forEachTest(() => makeWorld(db));
  const as = (who: Who) => inSession(world.accounts[who]);
  const on = (what: 'organization' | 'database' | 'branch'): AskedResource => {
    const { organizationId, databaseId, branchId } = world.ids;
    if (what === 'organization') return { organizationId };
    return what === 'database'
      ? { organizationId, databaseId }
      : { organizationId, databaseId, branchId };
  };
  const ask = (who: Who, about: Who, what: 'organization' | 'database' | 'branch') =>
    outcomeOf(explainMember(db, as(who), { ...on(what), accountId: world.accounts[about] }));

  test('administrators ask about everybody, database administrators on theirs, others about themselves', async () => {
    const answered: string[] = [];
    for (const what of ['organization', 'database', 'branch'] as const) {
      for (const who of people) {
        if ((await ask(who, 'reader', what)) === 'done') answered.push(`${what} ${who}`);
      }
    }
    expect(answered.toSorted()).toEqual(
      [
        ...['organization admin', 'organization reader'],
        ...['database admin', 'database dba', 'database reader', 'database teamDba'],
        ...['branch admin', 'branch dba', 'branch reader', 'branch teamDba'],
      ].toSorted(),
    );
  });

  test('nothing is said of people and resources of another organization', async () => {
    const other = await makeWorld(db);
    const foreign = { ...on('database'), accountId: other.accounts.reader };
    expect(await outcomeOf(explainMember(db, as('admin'), foreign))).toBe('not_found');
    const elsewhere = {
      organizationId: world.ids.organizationId,
      databaseId: other.ids.databaseId,
      accountId: world.accounts.reader,
    };
    expect(await outcomeOf(explainMember(db, as('admin'), elsewhere))).toBe('not_found');
    const mixed = { ...on('database'), branchId: other.ids.branchId };
    const asked = { ...mixed, accountId: world.accounts.reader };
    expect(await outcomeOf(explainMember(db, as('admin'), asked))).toBe('not_found');
  });

  test('the sources are named, and of a suspended member what would give it', async () => {
    const at = on('database');
    const kindsOf = async (who: Who) => {
      const accountId = world.accounts[who];
      const why = await explainMember(db, as('admin'), { ...at, accountId }, [managing]);
      const [answer] = why.answers;
      const kinds = answer?.sources.map(({ kind }) => kind);
      return [who, why.isActive, answer?.refusal?.reason, ...(kinds ?? [])];
    };
    const managing: Asked = { kind: 'permission', permission: lastOn('database') };
    expect([
      await kindsOf('admin'),
      await kindsOf('dba'),
      await kindsOf('teamDba'),
      await kindsOf('reader'),
    ]).toEqual([
      ['admin', true, undefined, 'organization_role', 'direct_role'],
      ['dba', true, undefined, 'direct_role'],
      ['teamDba', true, undefined, 'team'],
      ['reader', true, 'role_insufficient'],
    ]);
    expect((await kindsOf('suspended')).slice(0, 3)).toEqual(['suspended', false, 'not_a_member']);
  });

  test('who can reach production is everybody with a role for it on some database, once', async () => {
    await setBaseRole(db, as('admin'), world.ids.organizationId, 'none');
    const who = async (at: AskedResource) => {
      const ids = await everybodyWhoCan(world.accounts.admin, at, { kind: 'production' });
      return people.filter((name) => ids.includes(world.accounts[name]));
    };
    const all = ['admin', 'dba', 'teamDba', 'developer', 'reader'];
    expect(await who(on('organization'))).toEqual(all);
    expect(await who(on('database'))).toEqual(all);
    const page = await whoCan(
      db,
      as('admin'),
      on('organization'),
      { kind: 'production' },
      { after: undefined, limit: 50 },
    );
    const dba = page.holders.find(({ item }) => item.accountId === world.accounts.dba);
    expect(dba?.item.by.map(({ source }) => source.kind)).toEqual(['direct_role']);
    expect(dba?.item.by.map(({ database }) => database !== undefined)).toEqual([true]);
  });

  test('with a base role that gives it, everybody who is active can', async () => {
    const { permission } = firstOn('database');
    await setBaseRole(db, as('admin'), world.ids.organizationId, 'reader');
    const ids = await everybodyWhoCan(world.accounts.admin, on('database'), {
      kind: 'permission',
      permission,
    });
    expect(ids).toContain(world.accounts.member);
    expect(ids).not.toContain(world.accounts.suspended);
    expect(ids).not.toContain(world.accounts.closed);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

test('what is asked is read back as it was printed, and nothing else is', () => {
  for (const place of ['organization', 'database', 'development', 'production'] as const) {
    for (const asked of askableAt(place)) expect(readAsked(printAsked(asked))).toEqual(asked);
  }
  expect(readAsked('production')).toEqual({ kind: 'production' });
  for (const text of ['', 'nothing', '__proto__', 'organization:nothing']) {
    expect(readAsked(text)).toBeUndefined();
  }
});

function firstOn(place: 'organization' | 'database') {
  const [asked] = askableAt(place);
  if (asked?.kind !== 'permission') throw new Error('no permission');
  return asked;
}

function lastOn(place: 'organization' | 'database') {
  const asked = askableAt(place).at(-1);
  if (asked?.kind !== 'permission') throw new Error('no permission');
  return asked.permission;
}
