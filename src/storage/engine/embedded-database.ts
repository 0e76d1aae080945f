/**
 * The embedded database: PGlite behind a private unix socket, for trying and developing.
 *
 * The same driver, SQL and migrations as on PostgreSQL, in one process. Two processes on one
 * directory would lose rows without a word, so a lock file of our own refuses the second. All
 * connections are one session, whose unnamed statements would mix: so there is one connection.
 *
 * @module
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { DirectoryInUseError } from '../../lib/errors.ts';
import type { DatabaseAddress } from './database.ts';

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
    db,
    path: join(host, '.s.PGSQL.5432'),
    maxConnections: 32,
  });
  await server.start();
  return {
    address: {
      connection: { host, port: 5432, user: 'postgres', database: 'postgres' },
      shared: true,
      poolSize: 1,
    },
    stop: async () => {
      await server.stop();
      await db.close();
      rmSync(host, { recursive: true, force: true });
    },
  };
}

function lock(directory: string): () => void {
  const file = join(directory, 'lock');
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
  } catch {
    const holder = Number(readFileSync(file, 'utf8'));
    // In a container the process before had our own number.
    if (holder !== process.pid && isAlive(holder)) throw new DirectoryInUseError(directory, holder);
    rmSync(file, { force: true });
    writeFileSync(file, String(process.pid), { flag: 'wx' });
  }
  return () => rmSync(file, { force: true });
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM';
  }
}
