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

const selectAll = statement(
  'select purpose, generation, wrapped from keys order by purpose, generation desc',
);
const insertFirst = statement(
  'insert into keys (purpose, generation, wrapped) values ($1, $2, $3) on conflict do nothing',
);

/** @returns all keys, the newest of each purpose first. */
export function listKeys(db: Db): Promise<StoredKey[]> {
  return db.query<StoredKey>(selectAll);
}

/** Adds a key unless another node was first with that purpose and generation. */
export async function addKey(db: Db, { purpose, generation, wrapped }: StoredKey): Promise<void> {
  await db.query(insertFirst, [purpose, generation, wrapped]);
}
