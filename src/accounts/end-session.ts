/**
 * Signing out in one other browser.
 *
 * @module
 */

import { printId } from '../lib/ids.ts';
import { type Origin, recordAuditEvent } from '../storage/audit/audit-log.ts';
import type { Work } from '../storage/engine/database.ts';
import { deleteAccountSession } from '../storage/people/session-devices.ts';

/** Ends one session of the account. @returns whether there was one. */
export function endSession(
  work: Work,
  asked: { readonly accountId: string; readonly uid: string; readonly origin: Origin },
): Promise<boolean> {
  const { accountId, uid, origin } = asked;
  return work.run(async (tx) => {
    if (!(await deleteAccountSession(tx, accountId, uid))) return false;
    await recordAuditEvent(tx, {
      action: 'session.ended',
      actorAccountId: accountId,
      subject: printId('user', accountId),
      origin,
    });
    return true;
  });
}
