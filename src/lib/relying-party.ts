/**
 * The name under which browsers keep passkeys (RP ID): the issuer's host, or a domain that it lies in.
 *
 * Source: WebAuthn Level 3 sections 4 (RP ID) and 5.1.3 step 8; HTML "is a registrable domain suffix".
 *
 * @module
 */

import { isIP } from 'node:net';

/** For whom passkeys are made and checked. */
export interface RelyingParty {
  /** The RP ID: a host without port. */
  readonly id: string;
  /** The only origin that a browser may have signed for. */
  readonly origin: string;
}

/** @returns undefined when the issuer is an IP address: browsers make no passkeys for one. */
export function relyingPartyOf(issuer: string, rpId: string | undefined): RelyingParty | undefined {
  const { hostname, origin } = new URL(issuer);
  return isAddress(hostname) ? undefined : { id: rpId ?? hostname, origin };
}

/** @returns why a browser would refuse `rpId` at the issuer; undefined when it fits. */
export function relyingPartyFault(issuer: string, rpId: string): string | undefined {
  const { hostname } = new URL(issuer);
  if (isAddress(hostname)) return 'the host of ISSUER is an IP address, which has no passkeys';
  if (rpId === hostname) return undefined;
  const isParent = hostname.endsWith(`.${rpId}`) && rpId.includes('.');
  return isParent ? undefined : `must be ${hostname} or a domain that it lies in, without scheme`;
}

function isAddress(hostname: string): boolean {
  return isIP(hostname.replace(/^\[(.*)\]$/, '$1')) !== 0;
}
