/**
 * The same registration from the same network is the same application: hosts that run on many machines, or
 * anew each time, register over and over what differs in nothing. Only a public one is given out again:
 * what a secret is worth depends on who has it.
 *
 * A client that was given out again can be looked at by its registration access token, but not changed and
 * not removed: others use it, who are not asked.
 *
 * @module
 */

import { networkOf } from '../lib/network.ts';
import { sha256 } from '../lib/secrets.ts';
import type { Origin } from '../storage/audit/audit-log.ts';
import type { RegistrationKey } from '../storage/clients/shared-registrations.ts';
import type { RegisteredMetadata } from './metadata-mapping.ts';

/** @returns by what the registration is known; undefined of one that is never given out again. */
export function keyOfRegistration(
  registered: RegisteredMetadata,
  { address }: Origin,
): RegistrationKey | undefined {
  if (registered.authMethod !== 'none' || address === undefined) return undefined;
  const fields = Object.entries(registered).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return { network: sha256(networkOf(address)), fingerprint: sha256(JSON.stringify(fields)) };
}
