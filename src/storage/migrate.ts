/**
 * Brings the tables to the newest shape, or back to none.
 *
 * Nodes that start at once do so one after the other: who migrates holds an advisory lock of
 * PostgreSQL. The embedded database, where such a lock excludes nobody, belongs to one process.
 * A node that finds nothing to migrate loads nothing for it.
 *
 * @module
 */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Knex } from 'knex';
import pg from 'pg';
import { brokeConstraint, type DatabaseAddress } from './database.ts';
import { withKnex } from './knex.ts';

const directory = join(import.meta.dirname, '../../migrations');

/**
 * Runs every migration that has not run yet. Where there is none, nothing is written, so a role that
 * may not change tables gets by.
 *
 * @returns their file names.
 */
export async function migrateUp(address: DatabaseAddress): Promise<string[]> {
  if (await isNewest(address)) return [];
  return migrating(address, async (migrations) => {
    const [, pending]: [unknown[], unknown[]] = await migrations.list();
    if (pending.length === 0) return [];
    await freeLock(migrations);
    const [, names]: [number, string[]] = await migrations.latest();
    return names;
  });
}

/** Takes every migration back, newest first. @returns their file names. */
export function migrateDown(address: DatabaseAddress): Promise<string[]> {
  return migrating(address, async (migrations) => {
    await freeLock(migrations);
    const [, names]: [number, string[]] = await migrations.rollback(undefined, true);
    return names;
  });
}

/** Whether exactly the migrations that there are have run. */
async function isNewest(address: DatabaseAddress): Promise<boolean> {
  const [ran, files] = [await ranMigrations(address), await readdir(directory)];
  return ran.join() === files.toSorted().join();
}

/** @returns the file names of this version's migrations that have not run yet, oldest first. */
export async function pendingMigrations(address: DatabaseAddress): Promise<string[]> {
  const ran = new Set(await ranMigrations(address));
  return (await readdir(directory)).toSorted().filter((file) => !ran.has(file));
}

function ranMigrations(address: DatabaseAddress): Promise<string[]> {
  return withClient(address, async (client) => {
    try {
      const { rows } = await client.query<{ name: string }>(
        'select name from knex_migrations order by name',
      );
      return rows.map(({ name }) => name);
    } catch (error) {
      if (brokeConstraint(error, undefinedTable)) return [];
      throw error;
    }
  });
}

/** Nothing was ever migrated. */
const undefinedTable = '42P01';

/** Knex's own lock stays behind when a process is killed; ours excludes all others already. */
function freeLock(migrations: Knex.Migrator): Promise<void> {
  return migrations.forceFreeMigrationsLock();
}

/** Any number that nothing else takes; all versions of Usher agree on it. */
const advisoryLock = 8_472_014;

function migrating<T>(
  address: DatabaseAddress,
  work: (migrations: Knex.Migrator) => Promise<T>,
): Promise<T> {
  const run = () => withKnex(address, (db) => work(db.migrate), settings);
  return address.shared ? run() : alone(address, run);
}

const settings: Knex.Config = {
  migrations: { directory, loadExtensions: ['.ts'] },
  log: { warn: () => {} }, // what it warns of, that it cannot connect, is thrown, too
};

/** Held by a transaction, which ends with its connection, whatever becomes of this process. */
function alone<T>(address: DatabaseAddress, run: () => Promise<T>): Promise<T> {
  return withClient(address, async (holder) => {
    await holder.query('begin');
    await holder.query('select pg_advisory_xact_lock($1)', [advisoryLock]);
    return run();
  });
}

async function withClient<T>(
  { connection }: DatabaseAddress,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(connection);
  client.on('error', () => {}); // whoever uses the database next meets the same, and tells
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
