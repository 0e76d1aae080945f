/**
 * The `sessions` table: browser sessions, by the SHA-256 of their cookie.
 *
 * A session that was deleted stays deleted: only `insertSession` adds a row, and nothing else brings
 * one back. When a session gets a new id, the one before finds it until the browser has shown the new
 * one, and for 10 s after, since requests of other tabs may be on their way.
 *
 * Source: migrations/20261122001500-sessions.ts, 20261128204500-begun-and-ended-sessions.ts.
 *
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

/** A session as it is stored. */
export interface StoredSession {
  readonly payload: Record<string, unknown>;
  readonly remainingSeconds: number;
  /** It was found by the id that it had before. */
  readonly isPrevious: boolean;
}

/** A session to be stored; `accountId` is undefined until somebody signs in. */
export interface NewSession {
  readonly id: Buffer;
  readonly uid: string;
  readonly accountId: string | undefined;
  readonly payload: Record<string, unknown>;
  readonly lifetimeSeconds: number;
}

interface SessionRow {
  payload: Record<string, unknown>;
  remaining: number;
  previous: boolean;
  unconfirmed: boolean;
}

const columns = `
  payload, ceil(extract(epoch from expires_at - now()))::int as remaining,
  id <> $1 as previous, previous_id is not null and confirmed_at is null as unconfirmed`;
const isFoundByPrevious = `
  previous_id = $1 and (confirmed_at is null or confirmed_at > now() - interval '10 s')`;
const selectSql = `
  select ${columns} from sessions
   where (id = $1 or ${isFoundByPrevious}) and expires_at > now()`;
const selectById = statement(selectSql);
const lockById = statement(`${selectSql} for update`);
const confirm = statement(`
  update sessions set confirmed_at = now() where id = $1 and confirmed_at is null`);
const selectByUid = statement(`
  select payload, ceil(extract(epoch from expires_at - now()))::int as remaining,
         false as previous, false as unconfirmed
    from sessions where uid = $1 and expires_at > now()`);
const insert = statement(`
  insert into sessions (id, uid, account_id, payload, expires_at)
  values ($1, $2, $3, $4, now() + make_interval(secs => $5))`);
const update = statement(`
  update sessions set uid = $2, account_id = $3, payload = $4,
         expires_at = now() + make_interval(secs => $5)
   where id = $1 and expires_at > now() returning 1`);
const updateByPrevious = statement(`
  update sessions set account_id = $3, payload = $4, expires_at = now() + make_interval(secs => $5)
   where ${isFoundByPrevious} and uid = $2 and expires_at > now() returning 1`);
const selectAnother = statement(`
  select 1 from sessions where ${isFoundByPrevious} and uid = $2 and expires_at > now()`);
const rotate = statement(`
  update sessions set id = $6, uid = $2, account_id = $3, payload = $4,
         expires_at = now() + make_interval(secs => $5), confirmed_at = null,
         previous_id = case when account_id = $3 then id end
   where id = $1 and expires_at > now() returning 1`);
const remove = statement(`delete from sessions where id = $1 or ${isFoundByPrevious}`);

/** @returns undefined when there is none under this id, or it has ended. */
export function findSession(db: Db, id: Buffer): Promise<StoredSession | undefined> {
  return readSession(db, selectById, id);
}

/** As `findSession`; nobody changes or ends it until the transaction is over. */
export function lockSession(tx: Db, id: Buffer): Promise<StoredSession | undefined> {
  return readSession(tx, lockById, id);
}

async function readSession(db: Db, by: typeof selectById, id: Buffer) {
  const [row] = await db.query<SessionRow>(by, [id]);
  if (row?.unconfirmed && !row.previous) await db.query(confirm, [id]);
  return row && toSession(row);
}

export async function findSessionByUid(db: Db, uid: string): Promise<StoredSession | undefined> {
  const [row] = await db.query<SessionRow>(selectByUid, [uid]);
  return row && toSession(row);
}

/** Begins a session. @throws {pg.DatabaseError} there is one of that id or uid. */
export async function insertSession(db: Db, session: NewSession): Promise<void> {
  await db.query(insert, valuesOf(session));
}

/**
 * Writes a session that was read before.
 *
 * @returns `previous` when it got another id meanwhile: then what another tab wrote stays.
 *   `ended`: there is nothing to write to any more.
 */
export async function updateSession(
  db: Db,
  session: NewSession,
): Promise<'updated' | 'previous' | 'ended'> {
  if ((await db.query(update, valuesOf(session))).length > 0) return 'updated';
  const isElsewhere = (await db.query(selectAnother, [session.id, session.uid])).length > 0;
  return isElsewhere ? 'previous' : 'ended';
}

/**
 * Writes a session under a new id, in one statement; the id before is good for a while if it served
 * the same account. A session that was itself found by the id before keeps the id that it has.
 *
 * @returns as `updateSession`.
 */
export async function rotateSession(
  db: Db,
  oldId: Buffer,
  session: NewSession,
): Promise<'updated' | 'previous' | 'ended'> {
  const values = valuesOf({ ...session, id: oldId });
  if ((await db.query(rotate, [...values, session.id])).length > 0) return 'updated';
  return (await db.query(updateByPrevious, values)).length > 0 ? 'previous' : 'ended';
}

/** Ends a session; its cookie is worth nothing from then on. */
export async function deleteSession(db: Db, id: Buffer): Promise<void> {
  await db.query(remove, [id]);
}

function valuesOf({ id, uid, accountId, payload, lifetimeSeconds }: NewSession): unknown[] {
  return [id, uid, accountId ?? null, payload, lifetimeSeconds];
}

function toSession({ payload, remaining, previous }: SessionRow): StoredSession {
  return { payload, remainingSeconds: remaining, isPrevious: previous };
}

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
