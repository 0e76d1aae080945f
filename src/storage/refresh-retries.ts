/**
 * The `refresh_retries` table: for a minute, the answer that each spent refresh token was exchanged
 * for. It is encrypted before it gets here.
 *
 * Source: migrations/20261122001450-refresh-retries.ts.
 *
 * @module
 */

import { type Db, statement } from './database.ts';

const insert = statement('insert into refresh_retries (token_id, answer) values ($1, $2)');
const select = statement('select answer from refresh_retries where token_id = $1');

/** Keeps the answer that a token was exchanged for. */
export async function keepRetryAnswer(db: Db, tokenId: Buffer, answer: Buffer): Promise<void> {
  await db.query(insert, [tokenId, answer]);
}

/**
 * Must be a statement of its own: one that waited for the winner of a race would still read the
 * table as it was before.
 */
export async function findRetryAnswer(db: Db, tokenId: Buffer): Promise<Buffer | undefined> {
  const [row] = await db.query<{ answer: Buffer }>(select, [tokenId]);
  return row?.answer;
}
