/**
 * A new password by a link that came by mail: whoever holds it reads mail at the account's address.
 *
 *     find the link -> count the attempt -> judge the password -> hash
 *     -> use the link, set the password, end sessions, links and what was chosen: all or nothing
 *
 * It works while the password is throttled, and starts the counter of wrong passwords anew: guessing
 * shuts nobody out.
 *
 * Source: OWASP ASVS 5 sections 6.4.3, 7.4.3; NIST SP 800-63B-4 section 4.2 (account recovery).
 *
 * @module
 */

import { printId } from '../lib/ids.ts';
import { sha256 } from '../lib/secrets.ts';
import { type Origin, recordAuditEvent } from '../storage/audit/audit-log.ts';
import type { Database, Db } from '../storage/engine/database.ts';
import {
  type AccountLinkState,
  findAccountLink,
  takeAccountLink,
} from '../storage/people/account-links.ts';
import { putNotice } from '../storage/people/account-notices.ts';
import {
  type Account,
  findAccount,
  lockAccount,
  setPasswordHash,
} from '../storage/people/accounts.ts';
import { forgetAttempts } from '../storage/people/attempt-counters.ts';
import { type AccessToEnd, endAccess, endSessionsAndLinks } from './end-access.ts';
import { judgeNewPassword, type NewPasswordFault } from './new-password.ts';
import { hashPassword } from './password-hashing.ts';
import { accountLimit, limit, takeAttempt } from './throttle.ts';
import { takeOverUnproven } from './unproven-account.ts';

const perLink = 20;

/** A link that somebody has opened, with the account that it is for. */
export type OpenedReset =
  | {
      readonly state: 'open';
      readonly account: Account;
      /** Where to go on to afterwards, sealed for the browser that asked. */
      readonly returnTo: Buffer | undefined;
    }
  | { readonly state: Exclude<AccountLinkState, 'open'> | 'unknown' };

/** What the page behind a link shows; changes nothing. */
export async function readReset(db: Db, token: string): Promise<OpenedReset> {
  const link = await findAccountLink(db, 'reset', sha256(token));
  if (link?.state !== 'open') return { state: link?.state ?? 'unknown' };
  const account = await findAccount(db, link.accountId ?? '');
  if (account === undefined) return { state: 'unknown' };
  return { state: 'open', account, returnTo: link.returnTo };
}

/** What somebody with a link has sent. */
export interface Reset {
  readonly db: Database;
  readonly token: string;
  readonly password: string;
  /** What of the account's access ends, by the choice of its owner. */
  readonly ending: AccessToEnd;
  readonly locale: string | undefined;
  readonly origin: Origin;
}

export type ResetResult =
  | {
      readonly outcome: 'reset';
      readonly account: Pick<Account, 'id' | 'email' | 'signInEpoch'>;
      readonly returnTo: Buffer | undefined;
    }
  | { readonly outcome: 'refused'; readonly why: NewPasswordFault; readonly account: Account }
  | { readonly outcome: 'over'; readonly state: Exclude<AccountLinkState, 'open'> | 'unknown' }
  | {
      readonly outcome: 'throttled';
      readonly retryAfterSeconds: number;
      readonly account: Account;
    };

/**
 * Sets the password; every session of the account ends, and the link works once.
 *
 * @throws {TooBusyError} too many passwords are being hashed already.
 */
export async function resetPassword(attempt: Reset): Promise<ResetResult> {
  const { db, token, password } = attempt;
  const opened = await readReset(db, token);
  if (opened.state !== 'open') return { outcome: 'over', state: opened.state };
  const { account, returnTo } = opened;
  const wait = await takeAttempt(db, [limit(perLink, 'reset', token)]);
  if (wait !== undefined) return { outcome: 'throttled', retryAfterSeconds: wait, account };
  const why = await judgeNewPassword(password, account);
  if (why !== undefined) return { outcome: 'refused', why, account };
  const signInEpoch = await take(attempt, account, await hashPassword(password));
  if (signInEpoch === undefined) {
    const { state } = await readReset(db, token);
    return { outcome: 'over', state: state === 'open' ? 'unknown' : state };
  }
  const { id, email } = account;
  await forgetAttempts(db, accountLimit(email).bucket);
  return { outcome: 'reset', account: { id, email, signInEpoch }, returnTo };
}

/** @returns the account's epoch from now on; undefined when the link is over. */
function take(
  { db, token, ending, locale, origin }: Reset,
  { id, email }: Account,
  passwordHash: string,
): Promise<number | undefined> {
  return db.run(async (tx) => {
    const locked = await lockAccount(tx, { id }); // before its links, as everyone does who ends them
    const taken = await takeAccountLink(tx, 'reset', sha256(token));
    if (taken?.accountId !== id || locked?.account.status !== 'active') return undefined;
    const isFirstProof = locked.account.emailVerifiedAt === undefined;
    if (isFirstProof) await takeOverUnproven(tx, id, origin);
    await setPasswordHash(tx, id, passwordHash);
    const owner = { accountId: id, origin };
    await endAccess(tx, owner, ending);
    const signInEpoch = await endSessionsAndLinks(tx, id);
    const after = { first_proof_of_address: isFirstProof };
    const subject = printId('user', id);
    await recordAuditEvent(tx, {
      action: 'password.reset',
      actorAccountId: id,
      subject,
      after,
      origin,
    });
    await putNotice(tx, { kind: 'password-changed', email, accountId: id, locale, details: {} });
    return signInEpoch;
  });
}
