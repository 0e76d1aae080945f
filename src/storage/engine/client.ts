/**
 * One connection beside the pool, for what is done once: reading the schema, holding a lock.
 *
 * @module
 */

import pg from 'pg';
import type { DatabaseAddress } from './database.ts';

/** Connects, runs `work`, and closes the connection. */
export async function withClient<T>(
  { connection }: DatabaseAddress,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(connection);
  client.on('error', () => {}); // whoever uses the database next meets the same, and reports it
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
