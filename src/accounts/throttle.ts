/**
 * How often a secret may be guessed. An attempt is counted before the secret is looked at, so that
 * of many at the same moment no more than the limit get an answer.
 *
 * Source: OWASP ASVS 5 section 6.3.1; NIST SP 800-63B section 3.2.2 (rate limiting).
 *
 * @module
 */

import { sha256 } from '../lib/secrets.ts';
import type { Db } from '../storage/engine/database.ts';
import { countAttempt } from '../storage/people/attempt-counters.ts';

/** One thing that is counted, and how many attempts it has in a window. */
export interface Limit {
  readonly bucket: Buffer;
  readonly attempts: number;
}

const windowSeconds = 15 * 60;

/** @param names what the counter is for; different names never share one. */
export function limit(attempts: number, ...names: string[]): Limit {
  return { attempts, bucket: sha256(JSON.stringify(names)) };
}

const guessesPerAccount = 10;

/** Wrong passwords of an account, from browsers that do not know it. @param email in its normal form. */
export function accountLimit(email: string): Limit {
  return limit(guessesPerAccount, 'sign-in', 'account', email);
}

/**
 * Counts an attempt against each limit in turn, up to the first that is used up: what a used-up
 * address tries is then not held against the account that it tries.
 *
 * @returns the seconds until the next attempt may be made; undefined when this one may.
 */
export async function takeAttempt(db: Db, limits: readonly Limit[]): Promise<number | undefined> {
  for (const { bucket, attempts } of limits) {
    const counted = await countAttempt(db, bucket, windowSeconds);
    if (counted.attempts > attempts) return counted.remainingSeconds;
  }
  return undefined;
}
