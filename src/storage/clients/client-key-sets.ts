/**
 * The table `client_key_sets`: the keys that a client publishes at an address (`jwks_uri`), as they were
 * fetched last.
 *
 * Source: migrations/ (client-documents).
 *
 * @module
 */

import type { PublicKey } from '../../clients/public-keys.ts';
import { type Db, statement } from '../engine/database.ts';

/** How long keys that cannot be fetched any more count on, in hours. */
const outlivesHours = 24;

/** The keys of a client. */
export interface StoredKeySet {
  readonly keys: readonly PublicKey[];
  /** Their headers say that they need not be asked for yet. */
  readonly isFresh: boolean;
  /** They were asked for a moment ago. */
  readonly isWaiting: boolean;
  /** They are not so old that they count no more. */
  readonly isAlive: boolean;
}

const select = statement(`
  select keys, fresh_until > now() as "isFresh", retry_at > now() as "isWaiting",
         fetched_at > now() - interval '${outlivesHours} hours' as "isAlive"
    from client_key_sets where client_id = $1 and uri = $2`);
const save = statement(`
  insert into client_key_sets (client_id, uri, keys, fresh_until, retry_at)
  values ($1, $2, $3, now() + make_interval(secs => $4), now() + make_interval(secs => $5))
  on conflict (client_id) do update set uri = excluded.uri, keys = excluded.keys, fetched_at = now(),
    fresh_until = excluded.fresh_until, retry_at = excluded.retry_at`);
const postpone = statement(`
  update client_key_sets set retry_at = now() + make_interval(secs => $2) where client_id = $1`);

/** @returns what was fetched from that address; undefined when nothing was. */
export async function findKeySet(
  db: Db,
  clientId: string,
  uri: string,
): Promise<StoredKeySet | undefined> {
  const [row] = await db.query<StoredKeySet>(select, [clientId, uri]);
  return row;
}

/** Keys that were just fetched. */
export interface FetchedKeySet {
  readonly clientId: string;
  readonly uri: string;
  readonly keys: readonly PublicKey[];
  readonly freshSeconds: number;
  /** So long they are not asked for again, whatever is signed. */
  readonly waitSeconds: number;
}

/** Replaces the keys of a client. */
export async function saveKeySet(db: Db, set: FetchedKeySet): Promise<void> {
  const { clientId, uri, keys, freshSeconds, waitSeconds } = set;
  await db.query(save, [clientId, uri, JSON.stringify(keys), freshSeconds, waitSeconds]);
}

/** Notes that the keys could not be fetched: they are not asked for again for so long. */
export async function postponeKeySet(db: Db, clientId: string, waitSeconds: number): Promise<void> {
  await db.query(postpone, [clientId, waitSeconds]);
}
