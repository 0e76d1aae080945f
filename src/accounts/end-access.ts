/**
 * Ending what others may have got hold of in an account, when its password is set anew by mail. Where its
 * address is proven for the first time, everything ends: unproven-account.ts.
 *
 * @module
 */

import { type Origin, recordAuditEvent } from '../storage/audit/audit-log.ts';
import { deleteConsent, findConsentForUpdate } from '../storage/consents/consents.ts';
import type { Db } from '../storage/engine/database.ts';
import { endAccountLinks } from '../storage/people/account-links.ts';
import { deletePasskey, listPasskeys } from '../storage/people/passkeys.ts';
import { deleteOtherSessions } from '../storage/people/sessions.ts';
import { replaceSetUpLinks } from '../storage/people/set-up-links.ts';

/** Which applications (client ids) and passkeys (UUIDs) lose their access. */
export interface AccessToEnd {
  readonly applications: readonly string[];
  readonly passkeys: readonly string[];
}

/** Whose access ends, and from where that is asked. */
interface Owner {
  readonly accountId: string;
  readonly origin: Origin;
}

/**
 * Ends the applications' consents, with their tokens, and the passkeys; what is not there is passed over.
 * The account is held.
 */
export async function endAccess(
  tx: Db,
  { accountId, origin }: Owner,
  { applications, passkeys }: AccessToEnd,
): Promise<void> {
  for (const clientId of applications.toSorted()) {
    const consent = await findConsentForUpdate(tx, { accountId, clientId });
    if (consent === undefined) continue;
    await deleteConsent(tx, consent.id);
    const before = { asked_scope: consent.askedScope };
    const event = { action: 'consent.withdrawn', actorAccountId: accountId, subject: clientId };
    await recordAuditEvent(tx, { ...event, actorClientId: clientId, before, origin });
  }
  const own = await listPasskeys(tx, accountId);
  for (const { id, name } of own.filter((one) => passkeys.includes(one.id))) {
    await deletePasskey(tx, accountId, id);
    const event = { action: 'passkey.removed', actorAccountId: accountId };
    await recordAuditEvent(tx, { ...event, before: { passkey: id, name }, origin });
  }
}

/** Ends every session and every open link of the account. @returns its epoch from now on. */
export async function endSessionsAndLinks(tx: Db, accountId: string): Promise<number> {
  const { signInEpoch } = await deleteOtherSessions(tx, accountId, undefined);
  await replaceSetUpLinks(tx, accountId);
  await endAccountLinks(tx, accountId);
  return signInEpoch;
}
