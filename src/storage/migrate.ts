/**
 * Brings the tables to the newest shape, or back to none.
 *
 * @module
 */

import { join } from 'node:path';
import knex, { type Knex } from 'knex';
import type { DatabaseAddress } from './database.ts';

const directory = join(import.meta.dirname, '../../migrations');

/**
 * Runs every migration that has not run yet. Where there is none, nothing is written, so a role that
 * may not change tables gets by.
 *
 * @returns their file names.
 */
export function migrateUp(address: DatabaseAddress): Promise<string[]> {
  return migrating(address, async (migrations) => {
    const [, pending]: [unknown[], unknown[]] = await migrations.list();
    if (pending.length === 0) return [];
    const [, names]: [number, string[]] = await migrations.latest();
    return names;
  });
}

/** Takes every migration back, newest first. @returns their file names. */
export function migrateDown(address: DatabaseAddress): Promise<string[]> {
  return migrating(address, async (migrations) => {
    const [, names]: [number, string[]] = await migrations.rollback(undefined, true);
    return names;
  });
}

async function migrating<T>(
  { connection }: DatabaseAddress,
  work: (migrations: Knex.Migrator) => Promise<T>,
): Promise<T> {
  const db = knex({
    client: 'pg',
    connection: connection.connectionString ?? (connection as Knex.PgConnectionConfig),
    pool: { min: 0, max: 1 },
    migrations: { directory, loadExtensions: ['.ts'] },
  });
  try {
    return await work(db.migrate);
  } finally {
    await db.destroy();
  }
}
