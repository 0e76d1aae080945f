/**
 * A password for somebody who is signed in and has none: they signed in with a passkey.
 *
 * @module
 */

import { printId } from '../lib/ids.ts';
import { type Origin, recordAuditEvent } from '../storage/audit/audit-log.ts';
import type { Work } from '../storage/engine/database.ts';
import { findAccount, setPasswordHash } from '../storage/people/accounts.ts';
import { replaceSetUpLinks } from '../storage/people/set-up-links.ts';
import { holdWaysIn } from '../storage/people/ways-in.ts';
import { judgeNewPassword, type NewPasswordFault } from './new-password.ts';
import { hashPassword } from './password-hashing.ts';
import { limit, takeAttempt } from './throttle.ts';

const attemptsPerAccount = 10;

export type FirstPasswordResult =
  | { readonly outcome: 'set' }
  | { readonly outcome: 'refused'; readonly why: NewPasswordFault | 'has_password' }
  | { readonly outcome: 'throttled'; readonly retryAfterSeconds: number };

/**
 * Sets the first password; one that is there already stays, since it was not proven.
 *
 * @throws {TooBusyError} too many passwords are being hashed already.
 */
export async function setFirstPassword(wish: {
  readonly work: Work;
  readonly accountId: string;
  readonly password: string;
  readonly origin: Origin;
}): Promise<FirstPasswordResult> {
  const { work, accountId, password, origin } = wish;
  const wait = await takeAttempt(work.plain, [
    limit(attemptsPerAccount, 'first-password', accountId),
  ]);
  if (wait !== undefined) return { outcome: 'throttled', retryAfterSeconds: wait };
  const account = await findAccount(work.plain, accountId);
  const why = await judgeNewPassword(password, account ?? { email: '' });
  if (why !== undefined) return { outcome: 'refused', why };
  const hash = await hashPassword(password);
  return work.run(async (tx) => {
    const ways = await holdWaysIn(tx, accountId, undefined);
    if (ways === undefined || ways.hasPassword) return { outcome: 'refused', why: 'has_password' };
    await setPasswordHash(tx, accountId, hash);
    await replaceSetUpLinks(tx, accountId);
    await recordAuditEvent(tx, {
      action: 'password.added',
      actorAccountId: accountId,
      subject: printId('user', accountId),
      origin,
    });
    return { outcome: 'set' };
  });
}
