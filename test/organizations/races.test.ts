/**
 * What must hold when two requests meet on two processes: each has a pool of its own, and both are
 * let go at the same moment. The embedded database runs one transaction at a time; there the same
 * rules hold without a race.
 */

import { afterAll, describe, expect, test } from 'vitest';
import type { Actor } from '../../src/organizations/actor.ts';
import { demoteBranch, promoteBranch } from '../../src/organizations/branches.ts';
import { createOrganization } from '../../src/organizations/create-organization.ts';
import { giveDatabaseRole } from '../../src/organizations/database-people.ts';
import { createDatabase, deleteDatabase } from '../../src/organizations/databases.ts';
import { deleteAccount } from '../../src/organizations/delete-account.ts';
import {
  changeMemberRole,
  leaveOrganization,
  reinstateMember,
  removeMember,
  suspendMember,
} from '../../src/organizations/members.ts';
import { type Database, openDatabase, statement } from '../../src/storage/engine/database.ts';
import { insertMember, type MemberIds } from '../../src/storage/people/members.ts';
import { lockOrganization } from '../../src/storage/tree/organizations.ts';
import { onlyOnPostgres, onPostgres, openTestDatabase } from '../support/database.ts';
import { freshSlug, inSession, makeAccount, makeWorld, outcomeOf } from './world.ts';

const database = await openTestDatabase();
const one = database.db;
const two = onPostgres ? openDatabase(database.address) : database.db;
afterAll(async () => {
  if (two !== one) await two.close();
  await database.close();
});

const blocked = statement(`
  select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`);

const rounds = onPostgres ? 120 : 10;

/** Starts both at the same moment, in turn the one and the other first. */
async function meet(
  round: number,
  first: () => Promise<unknown>,
  second: () => Promise<unknown>,
): Promise<string[]> {
  const attempts = round % 2 === 0 ? [first, second] : [second, first];
  const outcomes = await Promise.all(attempts.map((attempt) => outcomeOf(attempt())));
  return outcomes.toSorted();
}

const administrators = statement(`
  select count(*)::int as count from organization_members m join accounts a on a.id = m.account_id
   where organization_id = $1 and role = 'organization_admin' and suspended_at is null
     and a.status = 'active'`);

async function countAdministrators(organizationId: string): Promise<number | undefined> {
  const [row] = await one.query<{ count: number }>(administrators, [organizationId]);
  return row?.count;
}

const [a, b] = [await makeAccount(one), await makeAccount(one)];

async function twoAdministrators(): Promise<string> {
  const named = { slug: freshSlug(), name: 'Acme' };
  const organizationId = await createOrganization(one, inSession(a), named);
  await insertMember(one, { organizationId, accountId: b, role: 'organization_admin' });
  return organizationId;
}

test(
  ...onlyOnPostgres(
    'a stranger neither takes the lock of an organization nor waits for it',
    'the embedded database runs one transaction at a time',
  ),
  async () => {
    const { ids, accounts } = await makeWorld(one);
    const act = (who: string) => removeMember(two, inSession(who), ids);
    await one.run(async (tx) => {
      await lockOrganization(tx, ids.organizationId);
      for (const who of [accounts.outsider, accounts.suspended]) {
        expect(await outcomeOf(act(who))).toBe('not_found');
      }
    });
    expect(await outcomeOf(act(accounts.member))).toBe('forbidden role');
  },
);

describe('two administrators at once', () => {
  const demote = (db: Database, actor: Actor, at: MemberIds) =>
    changeMemberRole(db, actor, at, 'organization_member');

  test.each([
    ['remove each other', removeMember, 'not_found'],
    ['demote each other', demote, 'forbidden role'],
    ['suspend each other', suspendMember, 'not_found'],
  ])('%s: exactly one succeeds', async (_what, act, loser) => {
    for (let round = 0; round < rounds; round++) {
      const organizationId = await twoAdministrators();
      const outcomes = await meet(
        round,
        () => act(one, inSession(a), { organizationId, accountId: b }),
        () => act(two, inSession(b), { organizationId, accountId: a }),
      );
      expect(outcomes).toEqual(['done', loser].toSorted());
      expect(await countAdministrators(organizationId)).toBe(1);
    }
  });

  test('leave: exactly one can', async () => {
    for (let round = 0; round < rounds; round++) {
      const organizationId = await twoAdministrators();
      const outcomes = await meet(
        round,
        () => leaveOrganization(one, inSession(a), organizationId),
        () => leaveOrganization(two, inSession(b), organizationId),
      );
      expect(outcomes).toEqual(['conflict last_administrator', 'done']);
      expect(await countAdministrators(organizationId)).toBe(1);
    }
  });

  test('one leaves while the other is demoted: one stays', async () => {
    for (let round = 0; round < rounds; round++) {
      const organizationId = await twoAdministrators();
      await meet(
        round,
        () => leaveOrganization(one, inSession(a), organizationId),
        () =>
          changeMemberRole(
            two,
            inSession(a),
            { organizationId, accountId: b },
            'organization_member',
          ),
      );
      expect(await countAdministrators(organizationId)).toBe(1);
    }
  });

  test('delete their accounts: exactly one can', async () => {
    for (let round = 0; round < 20; round++) {
      const [first, second] = [await makeAccount(one), await makeAccount(one)];
      const named = { slug: freshSlug(), name: 'Acme' };
      const organizationId = await createOrganization(one, inSession(first), named);
      await insertMember(one, { organizationId, accountId: second, role: 'organization_admin' });
      const outcomes = await meet(
        round,
        () => deleteAccount(one, inSession(first)),
        () => deleteAccount(two, inSession(second)),
      );
      expect(outcomes).toEqual(['conflict last_administrator', 'done']);
      expect(await countAdministrators(organizationId)).toBe(1);
    }
  });
});

test('two production branches demoted at once: one stays', async () => {
  const { accounts, ids } = await makeWorld(one);
  const admin = inSession(accounts.admin);
  const [main] = await one.query<{ id: string }>(
    statement('select id from branches where database_id = $1 and production'),
    [ids.databaseId],
  );
  const other = { ...ids, branchId: main?.id ?? '' };
  for (let round = 0; round < rounds; round++) {
    await promoteBranch(one, admin, ids);
    await promoteBranch(one, admin, other);
    const outcomes = await meet(
      round,
      () => demoteBranch(one, admin, ids),
      () => demoteBranch(two, admin, other),
    );
    expect(outcomes).toEqual(['conflict last_production_branch', 'done']);
  }
});

test('who is removed meanwhile does nothing after', async () => {
  for (let round = 0; round < rounds; round++) {
    const { accounts, ids } = await makeWorld(one);
    const { organizationId } = ids;
    const outcomes = await meet(
      round,
      () =>
        removeMember(one, inSession(accounts.admin), { organizationId, accountId: accounts.dba }),
      () => giveDatabaseRole(two, inSession(accounts.dba), ids, 'database_admin'),
    );
    expect([
      ['done', 'done'],
      ['done', 'not_found'],
    ]).toContainEqual(outcomes);
  }
}, 120_000);

test('one slug for two: one gets it', async () => {
  const { accounts, ids } = await makeWorld(one);
  const admin = inSession(accounts.admin);
  for (let round = 0; round < rounds; round++) {
    const slug = freshSlug();
    const outcomes = await meet(
      round,
      () => createDatabase(one, admin, ids.organizationId, slug),
      () => createDatabase(two, admin, ids.organizationId, slug),
    );
    expect(outcomes).toEqual(['conflict slug_taken', 'done']);
  }
  for (let round = 0; round < rounds; round++) {
    const named = { slug: freshSlug(), name: 'Acme' };
    const outcomes = await meet(
      round,
      () => createOrganization(one, admin, named),
      () => createOrganization(two, admin, named),
    );
    expect(outcomes).toEqual(['conflict slug_taken', 'done']);
  }
});

test('suspending and reinstating at once ends in one of the two', async () => {
  const { accounts, ids } = await makeWorld(one);
  const admin = inSession(accounts.admin);
  for (let round = 0; round < rounds; round++) {
    const outcomes = await meet(
      round,
      () => suspendMember(one, admin, ids),
      () => reinstateMember(two, admin, ids),
    );
    expect(outcomes).toEqual(['done', 'done']);
  }
});

test(
  ...onlyOnPostgres(
    'a deadlock is survived: the use case begins anew',
    'the embedded database has one session, so nothing can deadlock',
  ),
  async () => {
    // The server picks who gives way: as a rule who has waited longer, on a busy machine the other.
    let gaveWay = 0;
    for (let attempt = 0; attempt < 5 && gaveWay === 0; attempt++) {
      const { accounts, ids } = await makeWorld(one);
      const tx = await two.begin();
      await tx.query(statement('select from databases where id = $1 for update'), [ids.databaseId]);
      const deleting = outcomeOf(deleteDatabase(one, inSession(accounts.admin), ids));
      await expect.poll(() => two.query(blocked)).toHaveLength(1);
      const others = await tx
        .query(statement('select from organizations where id = $1 for update'), [
          ids.organizationId,
        ])
        .then(
          () => 'went on',
          (error: { code?: string }) => error.code,
        );
      await tx.rollback();
      expect(await deleting).toBe('done');
      expect(['went on', '40P01']).toContain(others);
      if (others === 'went on') gaveWay++;
    }
    expect(gaveWay).toBe(1);
  },
);
