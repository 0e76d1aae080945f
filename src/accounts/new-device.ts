/**
 * A mail to somebody whose account was signed in to on a device that was not used for it before:
 * the first that they see of a stolen password or passkey.
 *
 * Source: OWASP ASVS 5 section 6.3.5 (notice of unusual sign-ins).
 *
 * @module
 */

import type { Origin } from '../storage/audit/audit-log.ts';
import type { Database } from '../storage/engine/database.ts';
import { putNotice } from '../storage/people/account-notices.ts';
import { type Account, markSignedIn } from '../storage/people/accounts.ts';

/** A sign-in in a browser in which this account was not signed in before. */
export interface NewDevice {
  readonly account: Pick<Account, 'id' | 'email'>;
  readonly origin: Origin;
  readonly locale: string | undefined;
  /** Whether another mail says it, or this sign-in answers one: then nobody needs to read it twice. */
  readonly isMailed: boolean;
}

/** Asks for the mail, unless this is the account's first sign-in. */
export function noteNewDevice(
  db: Database,
  { account: { id: accountId, email }, origin, locale, isMailed }: NewDevice,
): Promise<void> {
  return db.run(async (tx) => {
    const isFirst = await markSignedIn(tx, accountId);
    if (isFirst || isMailed) return;
    const { userAgent, address } = origin;
    await putNotice(tx, {
      kind: 'new-device',
      email,
      accountId,
      locale,
      details: {
        ...(userAgent
          ? {
              device: userAgent.replaceAll('\0', '').slice(0, longestUserAgent),
            }
          : {}),
        ...(address ? { address } : {}),
      },
    });
  });
}

const longestUserAgent = 512;
