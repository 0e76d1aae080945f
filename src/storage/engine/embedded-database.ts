/**
 * The embedded database: PGlite behind a private unix socket, for trying and developing.
 *
 * The same driver, SQL and migrations as on PostgreSQL, in one process. Two processes on one
 * directory would lose rows without a word, so a lock file of our own refuses the second. It names the
 * socket, so that a command reaches the process that runs. All connections are one session, which they
 * take in turns (one-session.ts), and a process has one of them.
 *
 * @module
 */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { DirectoryInUseError } from '../../lib/errors.ts';
import type { DatabaseAddress } from './database.ts';
import { addressAt, isAlive, lockOf, readLock, socketName, writeLock } from './embedded-lock.ts';
import { inTurns } from './one-session.ts';

/** A running embedded database. */
export interface EmbeddedDatabase {
  readonly address: DatabaseAddress;
  stop(): Promise<void>;
}

/**
 * Starts the embedded database in a directory, which is made when it is not there.
 *
 * @throws {DirectoryInUseError} another process that lives holds the directory.
 */
export async function startEmbeddedDatabase(directory: string): Promise<EmbeddedDatabase> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const unlock = lock(directory);
  try {
    const served = await serve(await PGlite.create(join(directory, 'data')));
    writeLock(directory, { pid: process.pid, host: String(served.address.connection.host) }, 'w');
    return { ...served, stop: () => served.stop().finally(unlock) };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** Puts a PGlite behind a socket that only this user can reach. */
export async function serve(db: PGlite): Promise<EmbeddedDatabase> {
  const host = mkdtempSync(join(tmpdir(), 'usher-'));
  const server = new PGLiteSocketServer({
    db: inTurns(db),
    path: join(host, socketName),
    maxConnections: 32,
  });
  await server.start();
  return {
    address: addressAt(host),
    stop: async () => {
      await server.stop();
      await db.close();
      rmSync(host, { recursive: true, force: true });
    },
  };
}

function lock(directory: string): () => void {
  const file = lockOf(directory);
  const ours = { pid: process.pid };
  try {
    writeLock(directory, ours, 'wx');
  } catch {
    const holder = readLock(directory)?.pid ?? 0;
    // In a container the process before had our own number.
    if (holder !== process.pid && isAlive(holder)) throw new DirectoryInUseError(directory, holder);
    rmSync(file, { force: true });
    writeLock(directory, ours, 'wx');
  }
  return () => rmSync(file, { force: true });
}
