/**
 * How often applications may be registered or changed from one network: an IPv4 address, or a /64
 * of IPv6. Refused attempts count as well, so that trying costs as much as succeeding. What gives out a
 * client that is there already does not: many machines of one host come from one network.
 *
 * Source: RFC 7591 section 5 (rate limiting of open registration).
 *
 * @module
 */

import { networkOf } from '../lib/network.ts';
import { sha256 } from '../lib/secrets.ts';
import type { Db } from '../storage/engine/database.ts';
import { countAttempt } from '../storage/people/attempt-counters.ts';

/**
 * Counts one attempt.
 *
 * @param attemptsPerHour from one network.
 * @returns the seconds until the next one may be made; undefined when this one may.
 */
export async function takeRegistration(
  db: Db,
  address: string,
  attemptsPerHour: number,
): Promise<number | undefined> {
  const bucket = sha256(JSON.stringify(['registration', networkOf(address)]));
  const { attempts, remainingSeconds } = await countAttempt(db, bucket, 3_600);
  return attempts > attemptsPerHour ? remainingSeconds : undefined;
}
