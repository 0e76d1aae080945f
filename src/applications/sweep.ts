/**
 * Removal of applications that registered themselves and were never used.
 *
 * @module
 */

import { recordAuditEvent } from '../storage/audit/audit-log.ts';
import { deleteUnusedClients } from '../storage/clients/registrations.ts';
import type { Database } from '../storage/engine/database.ts';

const unusedDays = 90;
const batch = 100;

/**
 * Removes one small batch; once an hour is often enough.
 *
 * @returns whether the batch was full: come back soon.
 */
export function sweepUnusedApplications(database: Database): Promise<boolean> {
  return database.transaction(async (tx) => {
    const removed = await deleteUnusedClients(tx, unusedDays, batch);
    for (const id of removed) {
      await recordAuditEvent(tx, { action: 'application.swept', subject: id, actorClientId: id });
    }
    return removed.length === batch;
  });
}
