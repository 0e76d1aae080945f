/**
 * Sign-ins that go on elsewhere, among the `provider_records`: what this browser began, until it comes
 * back with the secret that was given along. Each is found by that secret's SHA-256 and the browser's, and
 * is taken once.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** `UpstreamState`: signing in at a provider. `UpstreamLogout`: signing out there. */
export type PendingKind = 'UpstreamState' | 'UpstreamLogout';

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
