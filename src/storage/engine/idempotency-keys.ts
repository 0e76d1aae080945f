/**
 * The `idempotency_keys` table: what was answered to a request that may come again.
 *
 * A key is claimed in the transaction of the work itself and the answer is kept in it, so a key
 * without its work, or work without its key, is never stored.
 *
 * @module
 */

import { type Db, statement } from './database.ts';

const ttl = '24 hours';

/** A request under a key, both as SHA-256: the key with its caller, and what was asked. */
export interface KeyedRequest {
  readonly id: Buffer;
  readonly fingerprint: Buffer;
}

/** What is stored under a key that was used before: what was asked (SHA-256), and the answer. */
export interface UsedKey {
  readonly fingerprint: Buffer;
  readonly answer: string;
}

// A key whose time is over may be taken anew before it is swept.
const claim = statement(`
  insert into idempotency_keys as k (id, fingerprint, expires_at)
  values ($1, $2, now() + interval '${ttl}')
      on conflict (id) do update
         set fingerprint = excluded.fingerprint, answer = null, expires_at = excluded.expires_at
       where k.expires_at <= now()
  returning id`);
const find = statement(`
  select fingerprint, answer from idempotency_keys where id = $1 and expires_at > now()`);

/** @returns what a key was used for, without waiting for anyone; undefined of a free one. */
export async function findKey(db: Db, id: Buffer): Promise<UsedKey | undefined> {
  const [row] = await db.query<{ fingerprint: Uint8Array; answer: string | null }>(find, [id]);
  return row && { fingerprint: Buffer.from(row.fingerprint), answer: row.answer ?? '' };
}

/**
 * Takes a key for the work of this transaction; waits for another one that is at it. A key that was
 * used stays as it is until the transaction ends.
 *
 * @returns whether it was free.
 */
export async function claimKey(tx: Db, { id, fingerprint }: KeyedRequest): Promise<boolean> {
  return (await tx.query(claim, [id, fingerprint])).length === 1;
}

const keep = statement(`
  update idempotency_keys
     set fingerprint = $2, answer = $3, expires_at = now() + interval '${ttl}'
   where id = $1`);

/** Keeps the answer of the transaction's work, and what it answers. */
export async function keepAnswer(
  tx: Db,
  { id, fingerprint }: KeyedRequest,
  answer: string,
): Promise<void> {
  await tx.query(keep, [id, fingerprint, answer]);
}
