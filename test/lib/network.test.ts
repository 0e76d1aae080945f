/** Whoever has one address of a /64 has them all, so they count as one. */

import { expect, test } from 'vitest';
import { networkOf } from '../../src/lib/network.ts';

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::ffff:192.0.2.1', '0:0:0:0:0:ffff:c000:201'],
  ['::ffff:192.0.2.2', '0:0:0:0:0:ffff:c000:202'],
  ['', ''],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
