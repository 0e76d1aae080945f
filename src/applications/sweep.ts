/**
 * Removal of applications that registered themselves and were never used.
 *
 * @module
 */

import { recordAuditEvent } from '../storage/audit/audit-log.ts';
import { deleteUnusedClients } from '../storage/clients/registrations.ts';
import type { Database } from '../storage/engine/database.ts';

const batch = 100;

/**
 * Removes one small batch; once an hour is often enough. A host that comes back later gets
 * `invalid_client`, since it is not known any more, and registers anew.
 *
 * @param unusedDays how long ago it registered.
 * @returns whether the batch was full: come back soon.
 */
export function sweepUnusedApplications(database: Database, unusedDays: number): Promise<boolean> {
  return database.run(async (tx) => {
    const removed = await deleteUnusedClients(tx, unusedDays, batch);
    for (const id of removed) {
      await recordAuditEvent(tx, { action: 'application.swept', subject: id, actorClientId: id });
    }
    return removed.length === batch;
  });
}
