/**
 * What a platform synchronizes is changed by the platform alone: a rename here would be undone by its
 * next import, and what was deleted here would come back without its roles.
 *
 * @module
 */

import type { Db } from '../storage/engine/database.ts';
import { type ManagedKind, managedAmong } from '../storage/tree/managed.ts';
import type { Actor } from './actor.ts';
import { conflict } from './refusals.ts';

/** @throws {RefusedError} `conflict` managed_by_platform, for everybody but a service client. */
export async function checkUnmanaged(
  tx: Db,
  { via }: Actor,
  kind: ManagedKind,
  id: string,
): Promise<void> {
  if (via.kind === 'service') return;
  const managed = await managedAmong(tx, kind, [id]);
  if (managed.has(id)) throw conflict('managed_by_platform');
}
