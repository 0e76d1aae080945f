/**
 * Which organizations, databases and branches a platform synchronizes: those that have an id of its own.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** What a platform can synchronize. */
export type ManagedKind = 'organization' | 'database' | 'branch';

const selectFrom = (table: string) =>
  statement(`select id from ${table} where id = any($1::uuid[]) and external_id is not null`);

const selects: Readonly<Record<ManagedKind, ReturnType<typeof statement>>> = {
  organization: selectFrom('organizations'),
  database: selectFrom('databases'),
  branch: selectFrom('branches'),
};

/** @returns those of the ids whose rows a platform synchronizes. */
export async function managedAmong(
  db: Db,
  kind: ManagedKind,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db.query<{ id: string }>(selects[kind], [ids]);
  return new Set(rows.map(({ id }) => id));
}
