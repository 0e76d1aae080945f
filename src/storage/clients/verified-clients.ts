/**
 * Applications that an operator vouches for.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

const hold = statement(`select pg_advisory_xact_lock(hashtext('verified names'))`);
const select = statement('select is_verified from clients where id = $1');
const list = statement('select id, name from clients where is_verified order by id');
const set = statement('update clients set is_verified = $2 where id = $1');

/** Until the transaction ends nobody else vouches for a name. */
export async function holdVerifiedNames(tx: Db): Promise<void> {
  await tx.query(hold);
}

/** Whether an operator vouches for the client; false of an unknown one. */
export async function isVerifiedClient(db: Db, id: string): Promise<boolean> {
  const [row] = await db.query<{ is_verified: boolean }>(select, [id]);
  return row?.is_verified === true;
}

/** @returns all of them, which are few. */
export function verifiedClients(db: Db): Promise<{ readonly id: string; readonly name: string }[]> {
  return db.query<{ id: string; name: string }>(list);
}

/** Writes whether an operator vouches for the client. */
export async function setVerified(db: Db, id: string, isVerified: boolean): Promise<void> {
  await db.query(set, [id, isVerified]);
}
