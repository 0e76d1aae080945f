/**
 * The `provider_records` table: what oidc-provider keeps for a short time, by kind and SHA-256.
 *
 * Source: migrations/20261122001600-provider-records.ts, 20261128204500-begun-and-ended-sessions.ts.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** A record as it is stored. */
export interface StoredRecord {
  readonly payload: Record<string, unknown>;
  readonly remainingSeconds: number | undefined;
  readonly isConsumed: boolean;
  /** The SHA-256 of the id of the browser that it belongs to. */
  readonly browser: Buffer | undefined;
}

/** Which record: the library's model name and the hash of its id. */
export interface RecordKey {
  readonly kind: string;
  readonly id: Buffer;
}

interface RecordRow {
  payload: Record<string, unknown>;
  remaining: number | null;
  consumed: boolean;
  browser: Buffer | null;
}

const select = statement(`
  select payload, browser, consumed_at is not null as consumed,
    ceil(extract(epoch from expires_at - now()))::int as remaining
  from provider_records
  where kind = $1 and id = $2 and (expires_at is null or expires_at > now())`);
const insert = statement(`
  insert into provider_records (kind, id, payload, expires_at, browser)
  values ($1, $2, $3, now() + make_interval(secs => $4), $5)`);
const update = statement(`
  update provider_records set payload = $3, expires_at = now() + make_interval(secs => $4)
   where kind = $1 and id = $2 and (expires_at is null or expires_at > now()) returning 1`);
const spend = statement(`
  update provider_records set consumed_at = now()
  where kind = $1 and id = $2 and consumed_at is null returning kind`);
const remove = statement('delete from provider_records where kind = $1 and id = $2');
const insertOnce = statement(`
  insert into provider_records (kind, id, payload, expires_at)
  values ('ReplayDetection', $1, '{}', now() + make_interval(secs => $2))
  on conflict (kind, id) do update set expires_at = excluded.expires_at
    where provider_records.expires_at <= now()
  returning kind`);

export async function findRecord(db: Db, key: RecordKey): Promise<StoredRecord | undefined> {
  const [row] = await db.query<RecordRow>(select, [key.kind, key.id]);
  return (
    row && {
      payload: row.payload,
      remainingSeconds: row.remaining ?? undefined,
      isConsumed: row.consumed,
      browser: row.browser ?? undefined,
    }
  );
}

/**
 * Adds a record; without a lifetime it stays until it is deleted.
 *
 * @param browser the SHA-256 of the id of the browser that it belongs to.
 */
export async function insertRecord(
  db: Db,
  { kind, id }: RecordKey,
  payload: Record<string, unknown>,
  lifetimeSeconds: number | undefined,
  browser?: Buffer,
): Promise<void> {
  await db.query(insert, [kind, id, payload, lifetimeSeconds ?? null, browser ?? null]);
}

/** Replaces what a record holds. @returns false when there is none: what was deleted stays so. */
export async function updateRecord(
  db: Db,
  { kind, id }: RecordKey,
  payload: Record<string, unknown>,
  lifetimeSeconds: number | undefined,
): Promise<boolean> {
  return (await db.query(update, [kind, id, payload, lifetimeSeconds ?? null])).length === 1;
}

/** Takes a single-use record. @returns false when it was taken before. */
export async function spendRecord(db: Db, { kind, id }: RecordKey): Promise<boolean> {
  return (await db.query(spend, [kind, id])).length === 1;
}

export async function deleteRecord(db: Db, { kind, id }: RecordKey): Promise<void> {
  await db.query(remove, [kind, id]);
}

/** Remembers that an id was seen. @returns false when it was seen before and is still remembered. */
export async function recordOnce(db: Db, id: Buffer, lifetimeSeconds: number): Promise<boolean> {
  return (await db.query(insertOnce, [id, lifetimeSeconds])).length === 1;
}
