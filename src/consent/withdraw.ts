/**
 * Takes a consent back: its entries, grants and tokens end with it, everywhere at once.
 *
 * @module
 */

import { entriesOf } from '../storage/consents/consent-entries.ts';
import { deleteConsent, findConsentForUpdate } from '../storage/consents/consents.ts';
import type { Db, Work } from '../storage/engine/database.ts';
import { auditConsent, type ChangedConsent } from './audit-consent.ts';

/** @returns whether there was a consent to withdraw; a second withdrawal finds none. */
export function withdrawConsent(work: Work, consent: ChangedConsent): Promise<boolean> {
  return work.run((tx) => withdrawInside(tx, consent));
}

/** As `withdrawConsent`, in the caller's transaction. */
export async function withdrawInside(tx: Db, changed: ChangedConsent): Promise<boolean> {
  const consent = await findConsentForUpdate(tx, changed);
  if (consent === undefined) return false;
  const { askedScope } = consent;
  const before = { askedScope, entries: await entriesOf(tx, consent.id) };
  await deleteConsent(tx, consent.id);
  await auditConsent(tx, changed, { action: 'consent.withdrawn', before, after: undefined });
  return true;
}
