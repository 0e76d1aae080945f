/**
 * An account whose address nobody has proven, and somebody proves it now: whoever made it before may have
 * been anybody, so nothing that was set up there goes on to serve them.
 *
 * Source: Sudhodanan and Paverd, "Pre-hijacked accounts" (USENIX Security 2022).
 *
 * @module
 */

import { printId } from '../lib/ids.ts';
import { type Origin, recordAuditEvent } from '../storage/audit/audit-log.ts';
import type { Db } from '../storage/engine/database.ts';
import { endAccountLinks } from '../storage/people/account-links.ts';
import { proveAddress } from '../storage/people/accounts.ts';
import { deleteIdentities } from '../storage/people/external-identities.ts';
import { deleteOtherSessions } from '../storage/people/sessions.ts';
import { replaceSetUpLinks } from '../storage/people/set-up-links.ts';
import { removeWaysIn } from '../storage/people/ways-in.ts';

/**
 * Ends passwords, passkeys, identities elsewhere, links, sessions and consents of the account, and takes its address
 * for proven from now on. The account keeps its id, so that it stays a member of its organizations.
 *
 * @param clientId of the service client that says whose the address is, while the person is away.
 * @returns the account's epoch from now on.
 */
export async function takeOverUnproven(
  tx: Db,
  accountId: string,
  origin: Origin,
  clientId?: string,
): Promise<number> {
  const { ended, signInEpoch } = await deleteOtherSessions(tx, accountId, undefined);
  await deleteIdentities(tx, accountId);
  await replaceSetUpLinks(tx, accountId);
  await endAccountLinks(tx, accountId);
  await removeWaysIn(tx, accountId);
  await proveAddress(tx, accountId);
  await recordAuditEvent(tx, {
    action: 'account.proven_elsewhere',
    ...(clientId === undefined ? { actorAccountId: accountId } : { actorClientId: clientId }),
    subject: printId('user', accountId),
    after: { ended_sessions: ended },
    origin,
  });
  return signInEpoch;
}
