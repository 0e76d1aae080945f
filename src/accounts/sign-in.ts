/**
 * Signing in with e-mail address and password.
 *
 *   count the attempt -> find the account -> compare the password -> write down what came of it
 *
 * Whether an account exists, is suspended or has another password makes no difference to what is
 * done or answered. Guesses are counted for the address they come from and for the account they are
 * at; a browser in which this account was signed in before has a counter of its own, so that
 * somebody else's guessing does not lock its owner out.
 *
 * @module
 */

import { normalizeEmail } from '../lib/email-address.ts';
import type { Share } from '../lib/fair-turns.ts';
import { printId } from '../lib/ids.ts';
import { networkOf } from '../lib/network.ts';
import { type Origin, recordAuditEvent } from '../storage/audit/audit-log.ts';
import type { Database } from '../storage/engine/database.ts';
import {
  type Account,
  type AccountWithPassword,
  findAccountWithPassword,
  replacePasswordHash,
} from '../storage/people/accounts.ts';
import { forgetAttempts, giveBackAttempt } from '../storage/people/attempt-counters.ts';
import { hashPassword, needsRehash, verifyPassword } from './password-hashing.ts';
import { accountLimit, type Limit, limit, takeAttempt } from './throttle.ts';

/** What somebody who wants in has sent. */
export interface SignInAttempt {
  readonly db: Database;
  readonly email: string;
  readonly password: string;
  readonly origin: Origin;
  /** The id of a browser in which this very e-mail address was signed in before, proven by its cookie. */
  readonly knownDevice: string | undefined;
}

export type SignInResult =
  | { readonly outcome: 'signed_in'; readonly account: Account }
  | { readonly outcome: 'refused' }
  | { readonly outcome: 'throttled'; readonly retryAfterSeconds: number };

const perDevice = 10;
const perAddress = 100;
/** Sign-ins that succeed, known browsers included: each costs a hash and a session. */
const successesPerAccount = 500;
const successesPerNetwork = 2_000;

/**
 * Decides whether somebody is who they say they are.
 *
 * @returns `refused` for a wrong password, an unknown address and an account that is not active
 *   alike; `throttled` whatever the password, while the limit is used up.
 * @throws {TooBusyError} too many passwords are being compared already.
 */
export async function signIn(attempt: SignInAttempt): Promise<SignInResult> {
  const { db, password } = attempt;
  const email = normalizeEmail(attempt.email) ?? attempt.email;
  const limits = limitsOf(email, attempt);
  const wait = await takeAttempt(db, limits.all);
  if (wait !== undefined) return { outcome: 'throttled', retryAfterSeconds: wait };
  const share = { network: networkOf(attempt.origin.address ?? ''), account: email };
  const inAll = limitsInAll(share);
  const waitForAll = await takeAttempt(db, inAll);
  if (waitForAll !== undefined) {
    for (const { bucket } of limits.all) await giveBackAttempt(db, bucket); // it was no guess
    return { outcome: 'throttled', retryAfterSeconds: waitForAll };
  }

  const found = await findAccountWithPassword(db, { email });
  const isRight = await verifyPassword(found?.passwordHash, password, share);
  const isIn = isRight && found?.account.status === 'active';
  await recordAuditEvent(db, {
    action: isIn ? 'sign_in.succeeded' : 'sign_in.refused',
    outcome: isIn ? 'done' : 'refused',
    // Whoever did not know the password may be anybody: the account is what it was about, not who acted.
    ...(isIn ? { actorAccountId: found?.account.id } : {}),
    subject: found && printId('user', found.account.id),
    origin: attempt.origin,
  });
  if (!isIn) {
    for (const { bucket } of inAll) await giveBackAttempt(db, bucket);
    return { outcome: 'refused' };
  }

  await forgetAttempts(db, limits.own.bucket);
  if (limits.shared) await giveBackAttempt(db, limits.shared.bucket);
  await renewHash(attempt, found, share);
  return { outcome: 'signed_in', account: found.account };
}

/** The counter that success resets, the one that many people share, and both in order. */
function limitsOf(email: string, { knownDevice, origin }: SignInAttempt) {
  if (knownDevice !== undefined) {
    const own = limit(perDevice, 'sign-in', 'device', knownDevice, email);
    return { own, shared: undefined, all: [own] as readonly Limit[] };
  }
  const own = accountLimit(email);
  const shared = limit(perAddress, 'sign-in', 'address', networkOf(origin.address ?? ''));
  return { own, shared, all: [shared, own] as readonly Limit[] };
}

/** What is counted of every sign-in and given back to those that fail: a guess counts as a guess. */
function limitsInAll({ network, account }: Share): readonly Limit[] {
  return [
    limit(successesPerAccount, 'sign-in', 'all of an account', account),
    limit(successesPerNetwork, 'sign-in', 'all of a network', network),
  ];
}

/** A hash made at an older cost is made anew while the password is at hand. */
async function renewHash(
  { db, password }: SignInAttempt,
  { account, passwordHash }: AccountWithPassword,
  share: Share,
): Promise<void> {
  if (passwordHash === undefined || !needsRehash(passwordHash)) return;
  const to = await hashPassword(password, share);
  await replacePasswordHash(db, { accountId: account.id, from: passwordHash, to });
}
