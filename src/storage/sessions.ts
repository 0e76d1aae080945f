/**
 * The `sessions` table: browser sessions, by the SHA-256 of their cookie.
 *
 * Source: migrations/20261122001500-sessions.ts.
 *
 * @module
 */

import { type Db, statement } from './database.ts';

/** A session as it is stored. */
export interface StoredSession {
  readonly payload: Record<string, unknown>;
  readonly remainingSeconds: number;
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
}

const columns = 'payload, ceil(extract(epoch from expires_at - now()))::int as remaining';
const selectById = statement(
  `select ${columns} from sessions where id = $1 and expires_at > now()`,
);
const selectByUid = statement(
  `select ${columns} from sessions where uid = $1 and expires_at > now()`,
);
const upsert = statement(`
  insert into sessions (id, uid, account_id, payload, expires_at)
  values ($1, $2, $3, $4, now() + make_interval(secs => $5))
  on conflict (id) do update set
    uid = excluded.uid, account_id = excluded.account_id,
    payload = excluded.payload, expires_at = excluded.expires_at`);
const remove = statement('delete from sessions where id = $1');

export async function findSession(db: Db, id: Buffer): Promise<StoredSession | undefined> {
  const [row] = await db.query<SessionRow>(selectById, [id]);
  return row && toSession(row);
}

export async function findSessionByUid(db: Db, uid: string): Promise<StoredSession | undefined> {
  const [row] = await db.query<SessionRow>(selectByUid, [uid]);
  return row && toSession(row);
}

export async function saveSession(db: Db, session: NewSession): Promise<void> {
  const { id, uid, accountId, payload, lifetimeSeconds } = session;
  await db.query(upsert, [id, uid, accountId ?? null, payload, lifetimeSeconds]);
}

export async function deleteSession(db: Db, id: Buffer): Promise<void> {
  await db.query(remove, [id]);
}

function toSession(row: SessionRow): StoredSession {
  return { payload: row.payload, remainingSeconds: row.remaining };
}
