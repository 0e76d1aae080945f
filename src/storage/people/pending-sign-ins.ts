/**
 * Sign-ins that go on elsewhere, among the `provider_records`: what this browser began, until it comes
 * back with the secret that was given along. Each is found by that secret's SHA-256 and the browser's, and
 * is taken once.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/**
 * `UpstreamState`: signing in at a provider. `UpstreamLogout`: signing out there. `HandOff`: the platform
 * is to name who is there. `HandOffAnswer`: it has.
 */
export type PendingKind = 'UpstreamState' | 'UpstreamLogout' | 'HandOff' | 'HandOffAnswer';

/** Which one: the SHA-256 of its secret, and of the id of the browser that began. */
export interface PendingKey {
  readonly kind: PendingKind;
  readonly id: Buffer;
  readonly browser: Buffer;
}

const insert = statement(`
  insert into provider_records (kind, id, browser, payload, expires_at)
  values ($1, $2, $3, jsonb_build_object('sealed', $4::text), now() + make_interval(secs => $5))`);
const take = statement(`
  delete from provider_records
   where kind = $1 and id = $2 and browser = $3 and expires_at > now()
  returning payload ->> 'sealed' as sealed`);
const takeOfAny = statement(`
  delete from provider_records where kind = $1 and id = $2 and expires_at > now()
  returning payload ->> 'sealed' as sealed, browser`);

/** Remembers what a browser began. @param sealed opens with the secret alone. */
export async function insertPending(
  db: Db,
  { kind, id, browser }: PendingKey,
  sealed: Buffer,
  lifetimeSeconds: number,
): Promise<void> {
  await db.query(insert, [kind, id, browser, sealed.toString('base64'), lifetimeSeconds]);
}

/** Takes it. @returns undefined: it was taken, has expired, or is another browser's. */
export async function takePending(db: Db, key: PendingKey): Promise<Buffer | undefined> {
  const [row] = await db.query<{ sealed: string }>(take, [key.kind, key.id, key.browser]);
  return row && Buffer.from(row.sealed, 'base64');
}

/** What was taken without the browser that began. */
export interface TakenPending {
  readonly sealed: Buffer;
  /** The SHA-256 of that browser's id. */
  readonly browser: Buffer;
}

/** Takes one by its secret alone, whichever browser began. @returns undefined: taken, or expired. */
export async function takePendingOfAny(
  tx: Db,
  { kind, id }: Pick<PendingKey, 'kind' | 'id'>,
): Promise<TakenPending | undefined> {
  const [row] = await tx.query<{ sealed: string; browser: Buffer | null }>(takeOfAny, [kind, id]);
  if (row === undefined || row.browser === null) return undefined;
  return { sealed: Buffer.from(row.sealed, 'base64'), browser: row.browser };
}
