/**
 * Where the sessions of an account are used, and ending one of them.
 *
 * Source: migrations/20261129005500-session-devices.ts.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** A session as its owner sees it. */
export interface UsedSession {
  readonly uid: string;
  readonly userAgent: string | undefined;
  readonly address: string | undefined;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
}

const longestUserAgent = 512;

const note = statement(`
  update sessions set user_agent = $2, address = $3, last_used_at = now()
   where uid = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute'
         or user_agent is distinct from $2 or address is distinct from $3)`);
const select = statement(`
  select uid, user_agent as "userAgent", address, created_at as "createdAt",
         coalesce(last_used_at, created_at) as "lastUsedAt"
    from sessions where account_id = $1 and expires_at > now()
   order by coalesce(last_used_at, created_at) desc, uid`);
const remove = statement(`
  delete from sessions where uid = $2 and account_id = $1 and expires_at > now() returning 1`);

/** Writes down that a session was used, at most once a minute from one address. */
export async function noteSessionUse(
  db: Db,
  uid: string,
  { userAgent, address }: Pick<UsedSession, 'userAgent' | 'address'>,
): Promise<void> {
  const text = userAgent?.replaceAll('\0', '').slice(0, longestUserAgent);
  await db.query(note, [uid, text ?? null, address ?? null]);
}

/** @returns the sessions that live, the one that was used last first. */
export async function listUsedSessions(db: Db, accountId: string): Promise<UsedSession[]> {
  type Row = Omit<UsedSession, 'userAgent' | 'address'> & {
    readonly userAgent: string | null;
    readonly address: string | null;
  };
  const rows = await db.query<Row>(select, [accountId]);
  return rows.map(({ userAgent, address, ...row }) => ({
    ...row,
    userAgent: userAgent ?? undefined,
    address: address ?? undefined,
  }));
}

/** Ends one session of the account. @returns whether there was one. */
export async function deleteAccountSession(
  tx: Db,
  accountId: string,
  uid: string,
): Promise<boolean> {
  return (await tx.query(remove, [accountId, uid])).length === 1;
}
