/**
 * How long the audit trail is kept: as long as the setting says, for every organization alike.
 *
 * @module
 */

import { sweepAuditEvents } from '../storage/audit/audit-log.ts';
import type { Db } from '../storage/engine/database.ts';

const batch = 500;

/**
 * Deletes one batch of what is older than it is to be kept.
 *
 * @param keptDays 30 or more; undefined: everything is kept.
 * @returns whether the batch was full: come back soon.
 */
export async function sweepAuditTrail(db: Db, keptDays: number | undefined): Promise<boolean> {
  if (keptDays === undefined) return false;
  return (await sweepAuditEvents(db, keptDays, batch)) === batch;
}
