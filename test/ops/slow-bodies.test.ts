/** Slow bodies: who waits for one has a timer, and a request whose body came leaves none behind. */

import { once } from 'node:events';
import {
  Agent,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listen, stopServer } from '../../src/ops/server.ts';

let server: Server;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
beforeAll(async () => {
  server = await listen(answerAtOnce, '127.0.0.1', 0);
});
afterAll(async () => {
  agent.destroy();
  await stopServer(server);
});

/** As the fast path of introspection does: reads the body, and leaves its end to nobody. */
function answerAtOnce(req: IncomingMessage, res: ServerResponse): void {
  let received = 0;
  req.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (received < Number(req.headers['content-length'])) return;
    req.pause();
    res.end('{}');
  });
}

/** Timers of bodies; the server itself and the test runner have some too. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
}

function post(body: string) {
  const { port } = server.address() as AddressInfo;
  const headers = { 'content-length': String(Buffer.byteLength(body)) };
  return httpRequest({ port, host: '127.0.0.1', method: 'POST', agent, headers });
}

test('a request whose body came leaves no timer behind on a connection that stays', async () => {
  const before = timers();
  for (let n = 0; n < 50; n++) {
    const [response] = await once(post('a=b').end('a=b'), 'response');
    response.resume();
    await once(response, 'end');
  }
  expect(timers()).toBeLessThan(before + 10);
});

test('a body that is still to come is waited for with a timer, which ends with the request', async () => {
  const before = timers();
  const sent = post('a=b');
  sent.write('a');
  await expect.poll(timers).toBeGreaterThan(before);
  const [response] = await once(sent.end('=b'), 'response');
  expect(response.statusCode).toBe(200);
  response.resume();
  await once(response, 'end');
  await expect.poll(timers).toBeLessThanOrEqual(before);
});
