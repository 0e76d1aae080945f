/**
 * Knex on one connection, for what changes the tables. It is large, so it is loaded when needed: a
 * process that serves does without it.
 *
 * @module
 */

import type { Knex } from 'knex';
import type { DatabaseAddress } from './database.ts';

/** Runs `work`, then closes the connection. */
export async function withKnex<T>(
  { connection }: DatabaseAddress,
  work: (db: Knex) => Promise<T>,
  settings: Knex.Config = {},
): Promise<T> {
  const { default: knex } = await import('knex');
  const db = knex({
    client: 'pg',
    connection: connection.connectionString ?? (connection as Knex.PgConnectionConfig),
    pool: { min: 0, max: 1 },
    ...settings,
  });
  try {
    return await work(db);
  } finally {
    await db.destroy();
  }
}
