/**
 * Takes a consent back: its entries, grants and tokens end with it, everywhere at once.
 *
 * @module
 */

import type { Origin } from '../storage/audit/audit-log.ts';
import { entriesOf } from '../storage/consents/consent-entries.ts';
import { deleteConsent, findConsentForUpdate, type Pair } from '../storage/consents/consents.ts';
import type { Database } from '../storage/engine/database.ts';
import { auditConsent } from './audit-consent.ts';

/** @returns whether there was a consent to withdraw; a second withdrawal finds none. */
export function withdrawConsent(
  db: Database,
  pair: Pair & { readonly origin?: Origin | undefined },
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const consent = await findConsentForUpdate(tx, pair);
    if (consent === undefined) return false;
    const { askedScope } = consent;
    const before = { askedScope, entries: await entriesOf(tx, consent.id) };
    await deleteConsent(tx, consent.id);
    await auditConsent(tx, pair, { action: 'consent.withdrawn', before, after: undefined });
    return true;
  });
}
