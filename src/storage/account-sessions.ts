/**
 * The `sessions` table as the account's owner sees it: where am I signed in, and end it there.
 *
 * Source: migrations/20261122001500-sessions.ts.
 *
 * @module
 */

import { type Db, statement } from './database.ts';

/** A browser in which the account is signed in. */
export interface AccountSession {
  readonly uid: string;
  readonly createdAt: Date;
}

const selectLive = statement(`
  select uid, created_at from sessions where account_id = $1 and expires_at > now()
  order by created_at desc, uid`);
const removeOthers = statement(`
  delete from sessions where account_id = $1 and uid <> $2 returning uid`);

/** @returns the sessions that live, newest first. */
export async function listAccountSessions(db: Db, accountId: string): Promise<AccountSession[]> {
  type Row = { uid: string; created_at: Date };
  const rows = await db.query<Row>(selectLive, [accountId]);
  return rows.map((row) => ({ uid: row.uid, createdAt: row.created_at }));
}

/** Ends every session of the account but one; their cookies are worth nothing from then on. */
export async function deleteOtherSessions(
  db: Db,
  accountId: string,
  keptUid: string,
): Promise<number> {
  return (await db.query(removeOthers, [accountId, keptUid])).length;
}

const removeAll = statement('delete from sessions where account_id = $1 returning uid');

/** Ends every session of the account. @returns how many there were. */
export async function deleteSessions(db: Db, accountId: string): Promise<number> {
  return (await db.query(removeAll, [accountId])).length;
}
