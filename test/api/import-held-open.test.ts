/** An import takes as long as it takes for a service client, and for nobody else. */

import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { createLogger } from '../../src/ops/logging.ts';
import { directClients, listen } from '../../src/ops/server.ts';
import { testUsherKey } from '../support/server.ts';
import { type ApiServer, startApi } from './api-server.ts';

let api: ApiServer;
let port: number;
let impatient: Awaited<ReturnType<typeof listen>>;

beforeAll(async () => {
  api = await startApi();
  const handler = await createApp({
    config: api.config,
    database: api.database.db,
    usherKey: testUsherKey,
    logger: createLogger('silent'),
    readiness: { isTaking: true },
  });
  const bodies = { ...directClients.bodies, milliseconds: 2_000 };
  impatient = await listen(handler, '127.0.0.1', 0, { ...directClients, bodies });
  port = (impatient.address() as AddressInfo).port;
});
afterAll(async () => {
  impatient.closeAllConnections();
  impatient.close();
  await api.close();
});

/** Sends the head and one line, and nothing more. */
async function begin(path: string, authorization: string) {
  const socket = connect(port, '127.0.0.1');
  let said = '';
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    said += chunk;
  });
  await once(socket, 'connect');
  const line = '{"type":"member","member":"somebody@usher.test"}\n';
  const chunk = `${line.length.toString(16)}\r\n${line}\r\n`;
  socket.write(
    [
      `POST ${path} HTTP/1.1`,
      'Host: x',
      authorization,
      'Content-Type: application/x-ndjson',
      'Transfer-Encoding: chunked',
      '',
      chunk,
    ].join('\r\n'),
  );
  return { socket, heard: () => said };
}

const path = '/api/v1/platform/organizations/held/import';

test.each([
  ['nobody', 'X-Nobody: 1'],
  ['a token that is none', 'Authorization: Bearer usher_st_nothing'],
])('held open by %s it is refused and ends', async (_who, authorization) => {
  const { socket, heard } = await begin(path, authorization);
  await expect.poll(heard).toMatch(/^HTTP\/1\.1 40[13]/);
  await once(socket, 'close');
});

test('held open by the service client it goes on', async () => {
  const { socket, heard } = await begin(path, `Authorization: Bearer ${await api.serviceToken()}`);
  const stranger = await begin(path, 'X-Nobody: 1');
  await once(stranger.socket, 'close');
  expect(socket.closed).toBe(false);
  socket.write('0\r\n\r\n');
  await expect.poll(heard).toContain('HTTP/1.1 ');
  socket.destroy();
});
