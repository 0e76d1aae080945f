/**
 * The `sessions` table as the account's owner sees it: where am I signed in, and end it there.
 *
 * Whoever begins or ends several sessions of an account holds the account first, so that these
 * happen one after the other.
 *
 * Source: migrations/20261122001500-sessions.ts, 20261128204500-begun-and-ended-sessions.ts.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';
import type { Account } from './accounts.ts';

/** A browser in which the account is signed in. */
export interface AccountSession {
  readonly uid: string;
  readonly createdAt: Date;
}

/** More browsers than these are nobody's; the oldest end. */
const sessionsPerAccount = 50;

const selectLive = statement(`
  select uid, created_at from sessions where account_id = $1 and expires_at > now()
  order by created_at desc, uid`);
const startEpoch = statement(`
  update accounts set sign_in_epoch = sign_in_epoch + 1 where id = $1
  returning sign_in_epoch as epoch`);
const removeOthers = statement(`
  with doomed as (
    select id from sessions where account_id = $1 and uid is distinct from $2 order by uid for update)
  delete from sessions s using doomed where s.id = doomed.id returning s.uid`);
const hold = statement(`
  select 1 from accounts where id = $1 and status = 'active' and sign_in_epoch = $2
     for no key update`);
const holdAny = statement('select 1 from accounts where id = $1 for no key update');
const removeOldest = statement(`
  with doomed as (
    select id from sessions where id in (
      select id from sessions where account_id = $1 order by created_at desc, uid offset $2)
    order by uid for update)
  delete from sessions s using doomed where s.id = doomed.id`);
const removeOtherAccounts = statement(`
  delete from sessions
   where (id = $1 or previous_id = $1) and account_id is not null and account_id <> $2`);

/** @returns the sessions that live, newest first. */
export async function listAccountSessions(db: Db, accountId: string): Promise<AccountSession[]> {
  type Row = { uid: string; created_at: Date };
  const rows = await db.query<Row>(selectLive, [accountId]);
  return rows.map((row) => ({ uid: row.uid, createdAt: row.created_at }));
}

/**
 * Ends every session of the account, but one if it is named: their cookies are worth nothing from
 * then on, and a sign-in that was proven before and is still on its way begins none.
 *
 * @returns how many ended, and the account's epoch from now on.
 */
export async function deleteOtherSessions(
  tx: Db,
  accountId: string,
  keptUid: string | undefined,
): Promise<{ readonly ended: number; readonly signInEpoch: number }> {
  const [account] = await tx.query<{ epoch: number }>(startEpoch, [accountId]);
  const ended = (await tx.query(removeOthers, [accountId, keptUid ?? null])).length;
  return { ended, signInEpoch: account?.epoch ?? 0 };
}

/**
 * Holds an account in which a session is about to begin.
 *
 * @returns false when it is not active, or all its sessions were ended since it was read.
 */
export async function holdForSignIn(
  tx: Db,
  { id, signInEpoch }: Pick<Account, 'id' | 'signInEpoch'>,
): Promise<boolean> {
  return (await tx.query(hold, [id, signInEpoch])).length === 1;
}

/** Holds an account: no session of it begins or ends by another until the transaction is over. */
export async function holdAccount(tx: Db, accountId: string): Promise<void> {
  await tx.query(holdAny, [accountId]);
}

/** Ends what is more than `sessionsPerAccount`, the oldest first; the account is held. */
export async function endOldestSessions(tx: Db, accountId: string): Promise<void> {
  await tx.query(removeOldest, [accountId, sessionsPerAccount]);
}

/** Ends a session (SHA-256 of its cookie) unless it is this account's, or nobody's. */
export async function deleteOtherAccountsSession(
  tx: Db,
  sessionId: Buffer,
  accountId: string,
): Promise<void> {
  await tx.query(removeOtherAccounts, [sessionId, accountId]);
}
