/**
 * The `attempt_counters` table: how often something was tried in the window that runs. Called on
 * the database itself, never inside a transaction that may roll back: an attempt that failed counts.
 *
 * Source: migrations/20261122001800-attempt-counters.ts.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** A counter after an attempt was counted. */
export interface Counted {
  readonly attempts: number;
  /** Until the window ends and the counter starts again; at least 1. */
  readonly remainingSeconds: number;
}

const count = statement(`
  insert into attempt_counters as kept (bucket, attempts, window_ends_at)
  values ($1, 1, now() + make_interval(secs => $2))
  on conflict (bucket) do update set
    attempts = case when kept.window_ends_at > now()
                    then least(kept.attempts, 1000000) + 1 else 1 end,
    window_ends_at = case when kept.window_ends_at > now()
                          then kept.window_ends_at else excluded.window_ends_at end
  returning attempts,
            greatest(1, ceil(extract(epoch from window_ends_at - now())))::int as remaining`);
const giveBack = statement(`
  update attempt_counters set attempts = attempts - 1 where bucket = $1 and attempts > 0`);
const remove = statement('delete from attempt_counters where bucket = $1');

/**
 * Counts one attempt; each of many at the same moment gets a number of its own.
 *
 * @param bucket 32 bytes, the SHA-256 of what is counted.
 */
export async function countAttempt(
  db: Db,
  bucket: Buffer,
  windowSeconds: number,
): Promise<Counted> {
  type Row = { attempts: number; remaining: number };
  const [row] = await db.query<Row>(count, [bucket, windowSeconds]);
  return { attempts: row?.attempts ?? 1, remainingSeconds: row?.remaining ?? windowSeconds };
}

/** Takes one attempt back, since it turned out to be none. */
export async function giveBackAttempt(db: Db, bucket: Buffer): Promise<void> {
  await db.query(giveBack, [bucket]);
}

/** Starts the counter again at nothing. */
export async function forgetAttempts(db: Db, bucket: Buffer): Promise<void> {
  await db.query(remove, [bucket]);
}
