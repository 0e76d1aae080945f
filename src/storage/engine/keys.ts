/**
 * The `keys` table: one row a purpose and generation, wrapped by USHER_KEY before it gets here.
 *
 * @module
 */

import { type Db, statement } from './database.ts';

/** What a key is for. */
export type KeyPurpose = 'signing' | 'cookie' | 'form';

/** A wrapped key as stored. */
export interface StoredKey {
  readonly purpose: KeyPurpose;
  readonly generation: number;
  readonly wrapped: Buffer;
}

/** A key as it is read. */
export interface ListedKey extends StoredKey {
  /** By the database's clock. */
  readonly ageSeconds: number;
}

const selectAll = statement(`
  select purpose, generation, wrapped,
    extract(epoch from now() - created_at)::float8 as "ageSeconds"
  from keys order by purpose, generation desc`);
const insertFirst = statement(`
  insert into keys (purpose, generation, wrapped) values ($1, $2, $3)
  on conflict do nothing returning generation`);

/** @returns all keys, the newest of each purpose first. */
export function listKeys(db: Db): Promise<ListedKey[]> {
  return db.query<ListedKey>(selectAll);
}

/** @returns whether it was added: another node may have been first with that purpose and generation. */
export async function addKey(
  db: Db,
  { purpose, generation, wrapped }: StoredKey,
): Promise<boolean> {
  return (await db.query(insertFirst, [purpose, generation, wrapped])).length === 1;
}
