/** A way to the database that a test can cut, at once or at a word, or let go silent. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { DatabaseAddress } from '../../src/storage/engine/database.ts';

export interface DatabaseProxy {
  /** The database, by way of the proxy. */
  readonly address: DatabaseAddress;
  /** Breaks every connection; new ones are refused until `restore`. */
  cut(): void;
  /** Breaks everything when `word` goes by: before it is passed on, or after its answer was held back. */
  cutAt(word: string, moment: 'before' | 'after'): void;
  /** From now on the connections that there are pass nothing on, and break nothing; new ones work. */
  silence(): void;
  /** As `silence`, and new connections get no answer either, until `restore`. */
  silenceAll(): void;
  restore(): void;
  close(): Promise<void>;
}

/** Starts a proxy before a database. */
export async function startProxy(behind: DatabaseAddress): Promise<DatabaseProxy> {
  const sockets = new Set<Socket>();
  const silent = new Set<Socket>();
  let isCut = false;
  let isSilent = false;
  let trigger: { word: string; moment: 'before' | 'after' } | undefined;

  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };

  const silence = () => {
    for (const socket of sockets) silent.add(socket);
  };

  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    if (isSilent) silent.add(near);
    const far = connect(target(behind));
    let isHeldBack = false;
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        silent.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (data) => {
      if (silent.has(near)) return;
      if (trigger !== undefined && data.includes(trigger.word)) {
        if (trigger.moment === 'before') return cut();
        isHeldBack = true;
      }
      far.write(data);
    });
    far.on('data', (data) => {
      if (silent.has(near)) return;
      if (!isHeldBack) near.write(data);
      else if (isReady(data)) cut();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    address: moved(behind, (server.address() as AddressInfo).port),
    cut,
    cutAt: (word, moment) => {
      trigger = { word, moment };
    },
    silence,
    silenceAll: () => {
      isSilent = true;
      silence();
    },
    restore: () => {
      isCut = false;
      isSilent = false;
      trigger = undefined;
    },
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

/** PostgreSQL's ReadyForQuery ends an answer: what was asked is done and committed. */
function isReady(data: Buffer): boolean {
  return data.at(-6) === 'Z'.charCodeAt(0);
}

function target({ connection }: DatabaseAddress) {
  const { connectionString, host = '', port = 5432 } = connection;
  if (connectionString === undefined) return { path: join(host, `.s.PGSQL.${port}`) };
  const url = new URL(connectionString);
  return { host: url.hostname, port: Number(url.port || 5432) };
}

function moved({ connection, ...rest }: DatabaseAddress, port: number): DatabaseAddress {
  const { connectionString } = connection;
  if (connectionString === undefined) {
    return { ...rest, connection: { ...connection, host: '127.0.0.1', port } };
  }
  const url = new URL(connectionString);
  url.host = `127.0.0.1:${port}`;
  return { ...rest, connection: { ...connection, connectionString: url.href } };
}
