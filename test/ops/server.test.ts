/** The server's bounds: what a rude client can hold open, and how much it can send. */

import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { directClients, listen, stopServer } from '../../src/ops/server.ts';
import { sendRaw } from '../support/raw-http.ts';

type Listening = Awaited<ReturnType<typeof listen>>;
let server: Listening;
let address: string;

beforeAll(async () => {
  server = await listen((_request, response) => response.end('ok'), '127.0.0.1', 0);
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => stopServer(server));

test('headers have ten seconds to come, and are looked at each second', () => {
  expect(server.headersTimeout).toBe(10_000);
  expect(directClients).toMatchObject({
    connections: { ofOneAddress: 1_000, inAll: 4_000 },
    bodies: { ofOneAddress: 100, inAll: 1_000, milliseconds: 15_000 },
  });
});

test.each([
  [15 * 1024, 200],
  [17 * 1024, 431],
])('headers of %i bytes: %i', async (size, status) => {
  const lines = ['GET / HTTP/1.1', 'Host: a', `X-Long: ${'x'.repeat(size)}`];
  expect((await sendRaw(address, lines)).status).toBe(status);
});
