/**
 * The `invitation_answers` table: what an invitation was answered with, for an hour, so that a second
 * submit of its form gets the first one's answer.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** Who answered, and what came of it. */
export interface InvitationAnswer {
  readonly accountId: string;
  readonly answer: 'joined' | 'declined';
}

const insert = statement(`
  insert into invitation_answers (token_hash, account_id, answer, expires_at)
  values ($1, $2, $3, now() + interval '1 hour')`);
const select = statement(`
  select account_id as "accountId", answer from invitation_answers
   where token_hash = $1 and expires_at > now()`);

/** Keeps the answer, in the transaction that ends the invitation (SHA-256 of its token). */
export async function keepInvitationAnswer(
  tx: Db,
  hash: Buffer,
  { accountId, answer }: InvitationAnswer,
): Promise<void> {
  await tx.query(insert, [hash, accountId, answer]);
}

/** @returns what the invitation of this token (SHA-256) was answered with lately. */
export async function findInvitationAnswer(
  db: Db,
  hash: Buffer,
): Promise<InvitationAnswer | undefined> {
  const [row] = await db.query<InvitationAnswer>(select, [hash]);
  return row;
}
