/**
 * The `refresh_retries` table: for some minutes, the answer that each spent refresh token was exchanged
 * for. It is encrypted before it gets here, and is stored with its tokens (issuance.ts).
 *
 * Source: migrations/20261122001450-refresh-retries.ts, migrations/20261129070800-longer-refresh-retries.ts.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

const select = statement('select answer from refresh_retries where token_id = $1');

/**
 * Must be a statement of its own: one that waited for the winner of a race would still read the
 * table as it was before.
 */
export async function findRetryAnswer(db: Db, tokenId: Buffer): Promise<Buffer | undefined> {
  const [row] = await db.query<{ answer: Buffer }>(select, [tokenId]);
  return row?.answer;
}
