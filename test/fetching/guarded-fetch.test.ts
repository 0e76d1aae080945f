/** Fetching from another server leads no further, takes no longer and brings no more than it may. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FetchRefusedError } from '../../src/fetching/fetch-refused-error.ts';
import { createGuardedFetch } from '../../src/fetching/guarded-fetch.ts';
import { mayReach } from '../../src/fetching/networks.ts';
import { forAllTests } from '../support/for-all-tests.ts';

const bomb = gzipSync(Buffer.alloc(20_000_000));
const server = forAllTests(() =>
  createServer((req, res) => {
    if (req.url === '/redirect') res.writeHead(302, { location: '/' }).end();
    else if (req.url === '/long') res.end(Buffer.alloc(600_000));
    else if (req.url === '/bomb') res.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    else if (req.url === '/who') res.end(req.headers['user-agent']);
    else res.end(`${req.method} here`);
  }),
);
let origin: string;
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const onThisMachine = createGuardedFetch({ loopback: true, privateNetworks: false });
const outside = createGuardedFetch({ loopback: false, privateNetworks: true });

test('brings an answer, and follows no redirect', async () => {
  expect(await (await onThisMachine(origin, { method: 'POST', body: 'x' })).text()).toBe(
    'POST here',
  );
  expect((await onThisMachine(`${origin}/redirect`)).status).toBe(302);
});

test('says who asks, unless somebody else is named', async () => {
  expect(await (await onThisMachine(`${origin}/who`)).text()).toBe('Usher');
  const headers = { 'User-Agent': 'openid-client/6' };
  expect(await (await onThisMachine(`${origin}/who`, { headers })).text()).toBe('openid-client/6');
});

test.each(['/long', '/bomb'])('brings no more than it may: %s', async (path) => {
  await expect(onThisMachine(origin + path)).rejects.toThrow(/longer than/);
});

describe('leads no further than it may', () => {
  test.each([
    'http://example.com/',
    'http://10.0.0.1/',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::7f00:1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[2002:7f00:1::]/',
    'https://169.254.169.254/latest/meta-data',
    'https://user:password@example.com/',
    'file:///etc/passwd',
  ])('%s', async (address) => {
    await expect(outside(address)).rejects.toBeInstanceOf(FetchRefusedError);
  });

  test('nor by a name that means such an address', async () => {
    await expect(outside('https://localhost:1/')).rejects.toBeInstanceOf(FetchRefusedError);
    const error = await outside('https://localhost:1/').catch((reason: Error) => reason);
    expect(JSON.stringify(error, ['message', 'cause'])).not.toContain('ECONNREFUSED');
  });
});

test.each([
  ['8.8.8.8', { loopback: false, privateNetworks: false }, true],
  ['10.1.2.3', { loopback: true, privateNetworks: false }, false],
  ['10.1.2.3', { loopback: false, privateNetworks: true }, true],
  ['::ffff:10.1.2.3', { loopback: false, privateNetworks: false }, false],
  ['fd00::1', { loopback: false, privateNetworks: false }, false],
  ['127.0.0.2', { loopback: true, privateNetworks: false }, true],
  ['169.254.169.254', { loopback: true, privateNetworks: true }, false],
  ['fe80::1', { loopback: true, privateNetworks: true }, false],
])('%s, where %o: %s', (address, reach, isReached) => {
  expect(mayReach(address, reach)).toBe(isReached);
});
