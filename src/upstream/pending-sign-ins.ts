/**
 * What a browser began and goes on with elsewhere. The secret that travels along finds it, opens it and is
 * stored nowhere; the cookie of the browser that began is needed beside it. It counts once.
 *
 * @module
 */

import { open, seal } from '../lib/key-wrapping.ts';
import { randomSecret, sha256 } from '../lib/secrets.ts';
import type { Db } from '../storage/engine/database.ts';
import {
  insertPending,
  type PendingKey,
  type PendingKind,
  takePending,
} from '../storage/people/pending-sign-ins.ts';

const lifetimeSeconds = 15 * 60;

/** @returns a new secret to send along. */
export function newPendingSecret(): string {
  return randomSecret('usher_state_');
}

/**
 * Remembers what was begun.
 *
 * @param browserId of the browser that began, see lib/browser-identity.ts.
 */
export async function rememberPending(
  db: Db,
  kind: PendingKind,
  { secret, browserId }: { readonly secret: string; readonly browserId: string },
  what: object,
): Promise<void> {
  const sealed = seal(keyOf(secret, browserId), Buffer.from(JSON.stringify(what)), kind);
  await insertPending(db, idOf(kind, secret, browserId), sealed, lifetimeSeconds);
}

/** @returns what was begun, once; undefined when it is over or another browser's. */
export async function claimPending(
  db: Db,
  kind: PendingKind,
  { secret, browserId }: { readonly secret: string; readonly browserId: string | undefined },
): Promise<unknown> {
  if (browserId === undefined) return undefined;
  const sealed = await takePending(db, idOf(kind, secret, browserId));
  if (sealed === undefined) return undefined;
  return JSON.parse(open(keyOf(secret, browserId), sealed, kind).toString());
}

function idOf(kind: PendingKind, secret: string, browserId: string): PendingKey {
  return { kind, id: sha256(secret), browser: sha256(browserId) };
}

function keyOf(secret: string, browserId: string): Buffer {
  return sha256(`\0\0\0\x01${JSON.stringify([secret, browserId])} usher pending sign-in`);
}
