/**
 * How much mail one may have sent: Usher is not to become the way to fill somebody's mailbox, or
 * everybody's.
 *
 * @module
 */

import { sha256 } from '../lib/secrets.ts';
import type { Db } from '../storage/engine/database.ts';
import { countAttempt } from '../storage/people/attempt-counters.ts';

const windowSeconds = 60 * 60;
const perAddress = 20;
const perSender = 1_000;

/**
 * Counts one mail that somebody has sent to somebody, in the transaction that asks for it: what is taken
 * back is not sent either.
 *
 * @param to the address, in its normal form.
 * @returns the seconds until more may be sent; undefined when this one may.
 */
export async function countMail(tx: Db, to: string, senderId: string): Promise<number | undefined> {
  return (
    (await take(tx, perSender, ['mail', 'sender', senderId])) ??
    (await take(tx, perAddress, ['mail', 'address', to]))
  );
}

async function take(tx: Db, limit: number, names: readonly string[]): Promise<number | undefined> {
  const bucket = sha256(JSON.stringify(names));
  const { attempts, remainingSeconds } = await countAttempt(tx, bucket, windowSeconds);
  return attempts > limit ? remainingSeconds : undefined;
}
