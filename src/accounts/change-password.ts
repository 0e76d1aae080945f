/**
 * A new password, for somebody who is signed in and knows the old one.
 *
 * All other sessions end with it. What the person allowed to applications stays: it was allowed by
 * consent and is withdrawn there.
 *
 * Source: OWASP ASVS 5 sections 6.2.3 and 7.4.3.
 *
 * @module
 */

import { type Origin, recordAuditEvent } from '../storage/audit/audit-log.ts';
import type { Work } from '../storage/engine/database.ts';
import { endAccountLinks } from '../storage/people/account-links.ts';
import { putNotice } from '../storage/people/account-notices.ts';
import { findAccountWithPassword, replacePasswordHash } from '../storage/people/accounts.ts';
import { forgetAttempts, giveBackAttempt } from '../storage/people/attempt-counters.ts';
import { deleteOtherSessions } from '../storage/people/sessions.ts';
import { replaceSetUpLinks } from '../storage/people/set-up-links.ts';
import { judgeNewPassword, type NewPasswordFault } from './new-password.ts';
import { hashPassword, verifyPassword } from './password-hashing.ts';
import { limit, takeAttempt } from './throttle.ts';

/** What the person has sent, and the session that goes on. */
export interface PasswordChange {
  readonly work: Work;
  readonly accountId: string;
  readonly currentPassword: string;
  readonly newPassword: string;
  readonly keptSessionUid: string;
  readonly locale?: string | undefined;
  readonly origin: Origin;
}

export type PasswordChangeResult =
  | { readonly outcome: 'changed'; readonly endedSessions: number; readonly signInEpoch: number }
  | { readonly outcome: 'refused'; readonly why: NewPasswordFault | 'wrong_password' }
  | { readonly outcome: 'throttled'; readonly retryAfterSeconds: number };

const attemptsPerAccount = 10;

/** Changes the password and ends the other sessions, both or neither. */
export async function changePassword(change: PasswordChange): Promise<PasswordChangeResult> {
  const { work, accountId, currentPassword, newPassword } = change;
  const guesses = limit(attemptsPerAccount, 'change-password', accountId);
  const wait = await takeAttempt(work.plain, [guesses]);
  if (wait !== undefined) return { outcome: 'throttled', retryAfterSeconds: wait };

  const found = await findAccountWithPassword(work.plain, { id: accountId });
  const fault = await judgeNewPassword(newPassword, found?.account ?? { email: '' });
  if (fault !== undefined) {
    await giveBackAttempt(work.plain, guesses.bucket); // it was no guess
    return { outcome: 'refused', why: fault };
  }
  const from = found?.passwordHash;
  const isRight = await verifyPassword(from, currentPassword);
  if (!isRight || from === undefined) return refuse(change);

  const result = await replace(
    change,
    { from, email: found?.account.email ?? '' },
    await hashPassword(newPassword),
  );
  if (result.outcome === 'changed') await forgetAttempts(work.plain, guesses.bucket);
  return result;
}

async function refuse({ work, accountId, origin }: PasswordChange): Promise<PasswordChangeResult> {
  await recordAuditEvent(work.plain, {
    action: 'password.change_refused',
    outcome: 'refused',
    actorAccountId: accountId,
    origin,
  });
  return { outcome: 'refused', why: 'wrong_password' };
}

/** A password that was changed meanwhile is no longer the one that was proven. */
function replace(
  { work, accountId, keptSessionUid, locale, origin }: PasswordChange,
  { from, email }: { readonly from: string; readonly email: string },
  to: string,
): Promise<PasswordChangeResult> {
  return work.run(async (tx) => {
    if (!(await replacePasswordHash(tx, { accountId, from, to }))) {
      return { outcome: 'refused', why: 'wrong_password' };
    }
    await replaceSetUpLinks(tx, accountId);
    await endAccountLinks(tx, accountId);
    const { ended, signInEpoch } = await deleteOtherSessions(tx, accountId, keptSessionUid);
    await recordAuditEvent(tx, { action: 'password.changed', actorAccountId: accountId, origin });
    await putNotice(tx, { kind: 'password-changed', email, accountId, locale, details: {} });
    return { outcome: 'changed', endedSessions: ended, signInEpoch };
  });
}
