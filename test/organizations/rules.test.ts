/** Who may do what in an organization: every use case, for everybody, by every way, with every foreign id. */

import { describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { branchActs, databaseActs, organizationActs } from '../../src/organizations/acts.ts';
import { openDb } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { type UseCase, useCases } from './use-cases.ts';
import {
  byToken,
  inSession,
  makeService,
  makeWorld,
  outcomeOf,
  people,
  type World,
} from './world.ts';

const db = forAllTests(openDb);

async function prepared({ first }: UseCase, world: World): Promise<World> {
  await first?.(db, inSession(world.accounts.admin), world.ids);
  return world;
}

test('every act has a row', () => {
  const acts = [organizationActs, databaseActs, branchActs].flatMap((table) => Object.keys(table));
  expect(useCases.map(({ act }) => act).toSorted()).toEqual(acts.toSorted());
});

describe.each(useCases)('$act', (useCase) => {
  test('is for those with the role; strangers learn nothing', async () => {
    let world: World | undefined;
    for (const who of people) {
      world ??= await prepared(useCase, await makeWorld(db));
      const { accounts, ids } = world;
      const outcome = await outcomeOf(useCase.run(db, inSession(accounts[who]), ids));
      expect([who, outcome]).toEqual([who, expectedFor(useCase, who)]);
      if (outcome === 'done') world = undefined; // it is another world now
    }
  });

  test('by the ways it may be done', async () => {
    const { accounts, ids } = await prepared(useCase, await makeWorld(db));
    const who = useCase.may.includes('admin') ? accounts.admin : accounts.dba;
    const byApplication = await outcomeOf(useCase.run(db, byToken(who), ids));
    expect(byApplication).toBe(useCase.token ? 'done' : 'forbidden not_by_token');

    if (!useCase.service) return; // the types leave service clients out
    const world = await prepared(useCase, await makeWorld(db));
    expect(await outcomeOf(useCase.run(db, await makeService(db), world.ids))).toBe('done');
    const other = await makeService(db, 'another:scope');
    expect(await outcomeOf(useCase.run(db, other, world.ids))).toBe('not_found');
  });

  test("another organization's ids are as unknown as any", async () => {
    const { accounts, ids } = await prepared(useCase, await makeWorld(db));
    const { ids: foreign } = await prepared(useCase, await makeWorld(db));
    const admin = inSession(accounts.admin);
    expect(await outcomeOf(useCase.run(db, admin, foreign))).toBe('not_found');
    for (const name of useCase.takes) {
      const withForeign = await outcomeOf(
        useCase.run(db, admin, { ...ids, [name]: foreign[name] }),
      );
      const withUnknown = await outcomeOf(useCase.run(db, admin, { ...ids, [name]: newId() }));
      expect([name, withForeign]).toEqual([name, withUnknown]);
      expect(withForeign).toMatch(/^not_found$|^forbidden not_a_member$/);
    }
  });
});

function expectedFor({ act, may }: UseCase, who: string): string {
  if (['suspended', 'closed', 'outsider'].includes(who)) return 'not_found';
  if (act === 'member.left' && who === 'admin') return 'conflict last_administrator';
  if (may.some((allowed) => allowed === who)) return 'done';
  return act === 'database_role.stepped_down' ? 'not_found' : 'forbidden role';
}

test('where members have no role on databases, a database is not there for them', async () => {
  for (const useCase of useCases.filter(({ act }) => act in databaseActs || act in branchActs)) {
    const { accounts, ids } = await prepared(useCase, await makeWorld(db, 'none'));
    const outcome = await outcomeOf(useCase.run(db, inSession(accounts.member), ids));
    expect([useCase.act, outcome]).toEqual([useCase.act, 'not_found']);
  }
});
