/** Names are looked up anew for each connection, in time, and every address counts. */

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FetchRefusedError } from '../../src/fetching/fetch-refused-error.ts';
import { createGuardedFetch } from '../../src/fetching/guarded-fetch.ts';
import { askNameServers } from '../../src/fetching/names.ts';

let names: Socket;
let server: Server;
let visits = 0;
/** What the next questions for IPv4 addresses are answered; the last one for ever. Undefined: nothing. */
let answers: (readonly string[] | undefined)[] = [];

beforeAll(async () => {
  names = createSocket('udp4');
  names.on('message', (question, { port }) => answer(question, port));
  names.bind(0, '127.0.0.1');
  await once(names, 'listening');
  server = createServer((_request, response) => {
    visits++;
    response.writeHead(200, { connection: 'close' }).end('here');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  names.close();
  server.closeAllConnections();
  server.close();
});

/** RFC 1035 section 4: the question again, with an answer for each address. */
function answer(question: Buffer, port: number): void {
  const isFour = question.readUInt16BE(question.indexOf(0, 12) + 1) === 1;
  const addresses = isFour ? (answers.length > 1 ? answers.shift() : answers[0]) : [];
  if (addresses === undefined) return;
  const head = Buffer.from(question.subarray(0, 12));
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(addresses.length, 6);
  head.writeUInt32BE(0, 8);
  const body = question.subarray(12, question.indexOf(0, 12) + 5);
  const records = addresses.map((address) =>
    Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]),
  );
  names.send(Buffer.concat([head, body, ...records]), port, '127.0.0.1');
}

function fetchBy(loopback: boolean) {
  const { port } = names.address();
  const find = askNameServers([`127.0.0.1:${port}`]);
  const limits = { maxBytes: 100, timeoutMs: 3_000 };
  return createGuardedFetch({ loopback, privateNetworks: false }, limits, find);
}

const address = () => `https://host.test:${(server.address() as AddressInfo).port}/`;

describe('a name is refused', () => {
  test.each<[string, (readonly string[] | undefined)[]]>([
    ['that means this machine', [['127.0.0.1']]],
    ['of which one address is private', [['93.184.216.34', '10.0.0.1']]],
    ['that means the metadata service of a cloud', [['169.254.169.254']]],
    ['that has no address', [[]]],
    ['that nobody answers about', [undefined]],
  ])('%s', async (_what, replies) => {
    answers = replies;
    visits = 0;
    await expect(fetchBy(false)(address())).rejects.toBeInstanceOf(FetchRefusedError);
    expect(visits).toBe(0);
  });
});

test('a name that leads elsewhere at its second look-up leads nowhere', async () => {
  answers = [['127.0.0.1'], ['10.0.0.1']];
  const fetch = fetchBy(true);
  const first = await fetch(address()).catch((error: Error) => error);
  expect(first).toMatchObject({ message: expect.stringContaining('did not answer') }); // TLS it has not
  const second = await fetch(address()).catch((error: Error) => error);
  expect(second).toMatchObject({ message: expect.stringContaining('must not be reached') });
});
