/**
 * Addresses of pages about an application: its home, policy, terms and logo. Usher prints them as
 * links and never fetches them; the browsers of people and the tools of operators may.
 *
 * Source: RFC 7591 sections 2 and 5.
 *
 * @module
 */

import { isLoopback, readAddress } from './addresses.ts';

/** Names that are resolved inside one network only (RFC 6761, RFC 6762, RFC 8375, ICANN). */
const internalNames = /\.(?:corp|home|home\.arpa|internal|intranet|lan|local|localdomain|private)$/;

/** @returns why the address is refused, in ASCII and without it; undefined when it is accepted. */
export function checkInformationUri(uri: string): string | undefined {
  const address = readAddress(uri);
  if (typeof address === 'string') return address;
  if (address.protocol !== 'https:') return 'must use https';
  const host = address.hostname;
  if (isLoopback(address) || !host.includes('.') || internalNames.test(host)) {
    return 'must name a host of the public network';
  }
  return undefined;
}
