/**
 * What counts as one address when attempts are counted: an IPv4 address, or the /64 that an IPv6
 * address is in, since whoever has one of its addresses has all of them.
 *
 * Source: RFC 4291 sections 2.5.4 (64-bit interface identifiers) and 2.5.5.2 (IPv4-mapped).
 *
 * @module
 */

import { isIPv6 } from 'node:net';

/** @returns the address itself, or `<first four groups>::/64`; anything else comes back as it is. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const groups = groupsOf(address);
  const isMapped = groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff';
  return isMapped ? groups.join(':') : `${groups.slice(0, 4).join(':')}::/64`;
}

/** The eight groups, each without leading zeros. */
function groupsOf(address: string): string[] {
  const spelled = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1);
  const [head = '', tail = ''] = spelled.split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail.split(':').filter(Boolean);
  const gap = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...gap, ...right];
}
