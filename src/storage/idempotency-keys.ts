/**
 * The `idempotency_keys` table: what was answered to a request that may come again.
 *
 * A key is claimed in the transaction of the work itself and the answer is kept in it, so a key
 * without its work, or work without its key, never stands.
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

/** What stands under a key that was used before. */
export interface UsedKey {
  readonly isSameRequest: boolean;
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
  select fingerprint = $2 as same, answer from idempotency_keys where id = $1`);

/**
 * Takes a key for the work of this transaction; waits for another one that is at it.
 *
 * @returns undefined when the key is ours; else what it was used for.
 */
export async function claimKey(tx: Db, request: KeyedRequest): Promise<UsedKey | undefined> {
  const values = [request.id, request.fingerprint];
  if ((await tx.query(claim, values)).length === 1) return undefined;
  const [row] = await tx.query<{ same: boolean; answer: string | null }>(find, values);
  return { isSameRequest: row?.same === true, answer: row?.answer ?? '' };
}

const keep = statement('update idempotency_keys set answer = $2 where id = $1');

/** Keeps the answer of the transaction's work. */
export async function keepAnswer(tx: Db, { id }: KeyedRequest, answer: string): Promise<void> {
  await tx.query(keep, [id, answer]);
}
