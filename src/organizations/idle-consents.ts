/**
 * Consents that nobody used for the time that an organization names end by themselves, this organization's
 * part of them.
 *
 *   idle for the time but a week -> a mail to the person -> a week later, still idle -> it ends, audited
 *                                     a use, or a new consent -> nothing ends, and the time begins anew
 *
 * @module
 */

import { printId } from '../lib/ids.ts';
import { recordAuditEvent } from '../storage/audit/audit-log.ts';
import {
  announceIdle,
  endIdle,
  type IdlePart,
  withdrawNotices,
} from '../storage/consents/idle-consents.ts';
import type { Database, Db } from '../storage/engine/database.ts';
import { putNotice } from '../storage/people/account-notices.ts';

const batch = 100;

/**
 * Announces and ends one small batch of each; once an hour is often enough. On two processes at once each
 * part is announced once and ended once.
 *
 * @returns whether a batch was full: come back soon.
 */
export async function sweepIdleConsents(database: Database): Promise<boolean> {
  const isFull = await database.run(async (tx) => {
    await withdrawNotices(tx);
    const { ended, isFull: isMore } = await endIdle(tx, batch);
    for (const part of ended) await recordEnd(tx, part);
    return isMore;
  });
  return database.run(async (tx) => {
    const announced = await announceIdle(tx, batch);
    for (const part of announced) await mailPerson(tx, part);
    return isFull || announced.length === batch;
  });
}

async function mailPerson(tx: Db, part: IdlePart): Promise<void> {
  const { accountId, email, locale, application, organization } = part;
  const details = { application, organization };
  await putNotice(tx, { kind: 'access-idle', email, accountId, locale, details });
}

async function recordEnd(tx: Db, { organizationId, clientId, accountId }: IdlePart): Promise<void> {
  await recordAuditEvent(tx, {
    action: 'consent.idle_ended',
    organizationId,
    subject: clientId,
    before: { member: printId('user', accountId) },
  });
}
