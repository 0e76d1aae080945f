/** The caller's address is what a trusted proxy saw, never what the caller wrote. */

import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { clientAddress } from '../../src/web/page/client-address.ts';

function request(remoteAddress: string, forwarded?: string): IncomingMessage {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return { headers, socket: { remoteAddress } } as unknown as IncomingMessage;
}

test.each([
  ['no proxy: forwarded headers are ignored', '9.9.9.9', '1.2.3.4', 0, '9.9.9.9'],
  ['one proxy: the last entry', '10.0.0.1', '6.6.6.6, 1.2.3.4', 1, '1.2.3.4'],
  ['two proxies: the one before it', '10.0.0.1', '6.6.6.6, 1.2.3.4, 10.0.0.2', 2, '1.2.3.4'],
  ['a chain shorter than expected: its first', '10.0.0.1', '1.2.3.4', 3, '1.2.3.4'],
  ['a proxy that forwards nothing', '10.0.0.1', undefined, 1, '10.0.0.1'],
  ['an entry that is no address', '10.0.0.1', 'unknown', 1, '10.0.0.1'],
  ['an entry with a port', '10.0.0.1', '1.2.3.4:5678', 1, '1.2.3.4'],
  ['an IPv6 entry with a port', '10.0.0.1', '[2001:db8::1]:5678', 1, '2001:db8::1'],
  ['an IPv4 address inside IPv6', '::ffff:9.9.9.9', undefined, 0, '9.9.9.9'],
])('%s', (_sentence, remote, forwarded, hops, address) => {
  expect(clientAddress(request(remote, forwarded), hops)).toBe(address);
});
