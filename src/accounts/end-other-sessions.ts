/**
 * Signing out everywhere else.
 *
 * @module
 */

import { type Origin, recordAuditEvent } from '../storage/audit/audit-log.ts';
import type { Work } from '../storage/engine/database.ts';
import { deleteOtherSessions } from '../storage/people/sessions.ts';

/** Ends every session of the account but the one that asks. @returns how many ended. */
export function endOtherSessions(
  work: Work,
  asked: { accountId: string; keptSessionUid: string; origin: Origin },
): Promise<number> {
  const { accountId, keptSessionUid, origin } = asked;
  return work.run(async (tx) => {
    const { ended } = await deleteOtherSessions(tx, accountId, keptSessionUid);
    const event = { action: 'sessions.ended', actorAccountId: accountId, after: { ended }, origin };
    await recordAuditEvent(tx, event);
    return ended;
  });
}
