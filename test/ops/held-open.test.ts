/** What one address can hold open, and all together: there is always room for somebody new. */

import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { allowLongBody } from '../../src/lib/long-bodies.ts';
import { type Clients, directClients, listen, proxiedClients } from '../../src/ops/server.ts';
import { clientAddress } from '../../src/web/page/client-address.ts';

const open: { server?: Server; sockets: Socket[]; begun: number } = { sockets: [], begun: 0 };
afterEach(async () => {
  open.begun = 0;
  for (const socket of open.sockets.splice(0)) socket.destroy();
  open.server?.closeAllConnections();
  open.server?.close();
});

/** Answers at once what has no body, and a body when it is there; `/long` may take its time. */
const answer: RequestListener = async (req, res) => {
  open.begun++;
  if (req.url === '/long') allowLongBody(req);
  let size = 0;
  req.on('error', () => {});
  req.on('data', (chunk: Buffer) => {
    size += chunk.length;
  });
  req.on('end', () => res.end(`read ${size}`));
};

async function serve(clients: Partial<Clients>): Promise<number> {
  open.server = await listen(answer, '127.0.0.1', 0, { ...directClients, ...clients });
  return (open.server.address() as AddressInfo).port;
}

interface Client {
  readonly socket: Socket;
  /** What came so far. */
  readonly heard: () => string;
}

/** All of 127.0.0.0/8 is this machine, so that one can come from many addresses. */
async function come(port: number, localAddress = '127.0.0.1', text = ''): Promise<Client> {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  open.sockets.push(socket);
  let said = '';
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    said += chunk;
  });
  await once(socket, 'connect');
  if (text !== '') socket.write(text);
  return { socket, heard: () => said };
}

const question = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
const begun = (path = '/', ...lines: string[]) =>
  [`POST ${path} HTTP/1.1`, 'Host: x', 'Content-Length: 3', ...lines, '', 'a'].join('\r\n');

async function isAnswered(port: number, localAddress?: string): Promise<void> {
  const { heard } = await come(port, localAddress, question);
  await expect.poll(heard).toContain('200 OK');
}

const closed = (clients: readonly Client[]) =>
  clients.filter(({ socket }) => socket.closed || socket.readableEnded).length;
const isClosed = ({ socket }: Client) => expect.poll(() => socket.closed).toBe(true);

describe('connections', () => {
  const connections = { ofOneAddress: 5, inAll: 12 };

  test('of one address: for the newest the oldest idle one ends', async () => {
    const port = await serve({ connections });
    const first = await come(port);
    const others = await Promise.all(Array.from({ length: 4 }, () => come(port)));
    await isAnswered(port);
    await isClosed(first);
    expect(closed(others)).toBe(0);
  });

  test('slow headers are idle, and so is a connection that had its answer', async () => {
    const port = await serve({ connections });
    const slow = await come(port, '127.0.0.1', 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    await isAnswered(port);
    await Promise.all(Array.from({ length: 3 }, () => come(port)));
    await isAnswered(port);
    await isClosed(slow);
    await isAnswered(port);
  });

  test('a request at work is never ended for another', async () => {
    const port = await serve({ connections });
    const busy: Client[] = [];
    for (let n = 0; n < 5; n++) {
      const one = await come(port, '127.0.0.1', begun());
      busy.push(one);
    }
    await expect.poll(() => open.begun).toBe(5);
    const turnedAway = await come(port, '127.0.0.1', question);
    await isClosed(turnedAway);
    expect(closed(busy)).toBe(0);
    for (const { socket } of busy) socket.write('bc');
    for (const { heard } of busy) await expect.poll(heard).toContain('read 3');
  });

  test('in all: the address with most gives way, and other addresses get in', async () => {
    const port = await serve({ connections });
    const few = await Promise.all(['127.0.0.3', '127.0.0.4'].map((address) => come(port, address)));
    const many = [
      ...(await Promise.all(Array.from({ length: 5 }, () => come(port, '127.0.0.2')))),
      ...(await Promise.all(Array.from({ length: 5 }, () => come(port, '127.0.0.5')))),
    ];
    for (let n = 10; n < 15; n++) await isAnswered(port, `127.0.0.${n}`);
    expect(closed(few)).toBe(0);
    await expect.poll(() => closed(many)).toBe(5);
  });

  test('behind a proxy its address may have all of them', async () => {
    const proxied = proxiedClients((request) => clientAddress(request, 1));
    const port = await serve({ connections: { ...proxied.connections, inAll: 12 } });
    const all = await Promise.all(Array.from({ length: 11 }, () => come(port)));
    await isAnswered(port);
    expect(closed(all)).toBe(0);
  });
});

describe('bodies', () => {
  const bodies = { ofOneAddress: 3, inAll: 6, milliseconds: 15_000 };

  test('of one address: the oldest held form ends, the newest is read', async () => {
    const port = await serve({ bodies });
    const held: Client[] = [];
    for (let n = 0; n < 4; n++) held.push(await come(port, '127.0.0.1', begun()));
    await isClosed(held[0] as Client);
    expect(closed(held)).toBe(1);
    held[3]?.socket.write('bc');
    await expect.poll(() => held[3]?.heard()).toContain('read 3');
  });

  test('in all: the address with most gives way', async () => {
    const port = await serve({ bodies });
    const of = async (address: string, count: number) => {
      const all: Client[] = [];
      for (let n = 0; n < count; n++) all.push(await come(port, address, begun()));
      return all;
    };
    const [large, small] = [await of('127.0.0.2', 3), await of('127.0.0.3', 2)];
    await of('127.0.0.4', 2);
    await expect.poll(() => closed(large)).toBe(1);
    expect(closed(small)).toBe(0);
  });

  test('behind a proxy, by the address that the proxy names', async () => {
    const addressOf = proxiedClients((request) => clientAddress(request, 1)).addressOf;
    const port = await serve({ bodies, addressOf });
    const named = (n: number) => begun('/', `X-Forwarded-For: 192.0.2.${n}`);
    const one = await come(port, '127.0.0.1', named(1));
    for (let n = 0; n < 3; n++) await come(port, '127.0.0.1', named(2));
    const last = await come(port, '127.0.0.1', named(2));
    last.socket.write('bc');
    await expect.poll(last.heard).toContain('read 3');
    expect(closed([one])).toBe(0);
  });

  test('that come too slowly end, unless somebody allowed them to', async () => {
    const port = await serve({ bodies: { ...bodies, milliseconds: 100 } });
    const long = await come(port, '127.0.0.1', begun('/long'));
    const slow = await come(port, '127.0.0.1', begun());
    await isClosed(slow);
    expect(closed([long])).toBe(0);
    long.socket.write('bc');
    await expect.poll(long.heard).toContain('read 3');
  });
});
