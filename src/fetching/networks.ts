/**
 * Which IP addresses a fetch may lead to: what anybody on the Internet reaches, and no more unless it is
 * allowed.
 *
 * Source: the IANA registries of special-purpose addresses (RFC 6890), OWASP ASVS 5 section 1.3.6.
 *
 * @module
 */

import { BlockList, isIP } from 'node:net';

/** Where a fetch may lead. */
export interface FetchReach {
  /** Loopback too, and by `http`; for trying things out on one machine. */
  readonly loopback: boolean;
  /** Private networks too. */
  readonly privateNetworks: boolean;
}

const loopbackRanges = listOf(['127.0.0.0/8', '::1/128']);
const privateRanges = listOf([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
]);
/** Nobody serves anything there but the machine's own keepers, such as a cloud's metadata service. */
const otherRanges = listOf([
  '0.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '2620:4f:8000::/48',
  '3fff::/20',
]);
/** The part of IPv6 that is given out; all else is special, addresses that hold an IPv4 one among it. */
const globalUnicast = listOf(['2000::/3']);

/** @returns whether an IP address is within reach. */
export function mayReach(address: string, { loopback, privateNetworks }: FetchReach): boolean {
  const [plain = ''] = address.split('%'); // a zone names an interface of this machine
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1];
  if (mapped !== undefined) return mayReach(mapped, { loopback, privateNetworks });
  if (isIn(loopbackRanges, plain)) return loopback;
  if (isIn(privateRanges, plain)) return privateNetworks;
  if (isIP(plain) === 6 && !isIn(globalUnicast, plain)) return false;
  return isIP(plain) !== 0 && !isIn(otherRanges, plain);
}

/** @returns whether an IP address is one of this machine's own. */
export function isLoopbackAddress(address: string): boolean {
  return isIn(loopbackRanges, address);
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits = ''] = range.split('/');
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

function isIn(list: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
}
