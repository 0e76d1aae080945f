/**
 * How much mail an organization's people may have sent: anybody may make an organization and invite
 * whom they like.
 *
 * @module
 */

import { countMail as count } from '../mail/limits.ts';
import type { Db } from '../storage/engine/database.ts';
import { throttled } from './refusals.ts';

/**
 * Counts one mail, as `countMail` of mail/limits.ts.
 *
 * @throws {RefusedError} `throttled`.
 */
export async function countMail(tx: Db, to: string, senderId: string): Promise<void> {
  const wait = await count(tx, to, senderId);
  if (wait !== undefined) throw throttled(wait);
}
