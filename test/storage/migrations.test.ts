/** Every migration goes up, down to nothing, and up again. */

import { expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import { migrateUp } from '../../src/storage/engine/migrate.ts';
import { migrateDown } from '../../src/storage/engine/migrate-down.ts';
import { onlyOnPostgres, openTestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';

const database = forAllTests(openTestDatabase);

const ours = statement(`
  select count(*)::int as count from pg_class join pg_namespace n on n.oid = relnamespace
  where nspname = 'public' and relkind in ('r', 'S') and relname not like 'knex%'`);

async function count(): Promise<number> {
  const [row] = await database.db.query<{ count: number }>(ours);
  return row?.count ?? -1;
}

/** @returns the names, newest first. */
async function downToNothing(): Promise<string[]> {
  const taken: string[] = [];
  for (let name = await migrateDown(database.address); name !== undefined; ) {
    taken.push(name);
    name = await migrateDown(database.address);
  }
  return taken;
}

test('up, down to nothing step by step, and up again', async () => {
  const tables = await count();
  expect(tables).toBeGreaterThan(15);
  const taken = await downToNothing();
  expect(await count()).toBe(0);
  expect(await migrateUp(database.address)).toEqual(taken.toReversed());
  expect(await count()).toBe(tables);
  expect(await migrateUp(database.address)).toEqual([]);
});

test(
  ...onlyOnPostgres(
    'nodes that start at once migrate one after the other',
    'the embedded database has one process',
  ),
  async () => {
    const taken = await downToNothing();
    await database.db.query(statement('drop table knex_migrations, knex_migrations_lock'));
    const done = await Promise.all([1, 2, 3, 4].map(() => migrateUp(database.address)));
    expect(done.map(({ length }) => length).toSorted((a, b) => a - b)).toEqual([
      0,
      0,
      0,
      taken.length,
    ]);
  },
);

test('a process that was killed while it migrated does not lock out the next', async () => {
  await downToNothing();
  await database.db.query(statement('update knex_migrations_lock set is_locked = 1'));
  expect((await migrateUp(database.address)).length).toBeGreaterThan(15);
});
