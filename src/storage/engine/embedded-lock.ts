/**
 * The lock file of the embedded database's directory: which process holds it, and where its socket is.
 *
 * @module
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DirectoryInUseError } from '../../lib/errors.ts';
import type { DatabaseAddress } from './database.ts';

/** How the file of a socket is called that is reached as port 5432. */
export const socketName = '.s.PGSQL.5432';

/** Who holds a directory. */
interface Holder {
  readonly pid: number;
  /** The directory with its socket; undefined while it starts. */
  readonly host?: string | undefined;
}

/** The lock file of a directory. */
export function lockOf(directory: string): string {
  return join(directory, 'lock');
}

/** @param flag `wx`: only where there is none. */
export function writeLock(directory: string, { pid, host }: Holder, flag: 'w' | 'wx'): void {
  const lines = host === undefined ? [pid] : [pid, host];
  writeFileSync(lockOf(directory), `${lines.join('\n')}\n`, { flag, mode: 0o600 });
}

/** @returns undefined where nobody holds the directory. */
export function readLock(directory: string): Holder | undefined {
  if (!existsSync(lockOf(directory))) return undefined;
  const [pid, host] = readFileSync(lockOf(directory), 'utf8').split('\n');
  return { pid: Number(pid), host: host === '' ? undefined : host };
}

/** The address of the database whose socket lies in a directory. */
export function addressAt(host: string): DatabaseAddress {
  return {
    connection: { host, port: 5432, user: 'postgres', database: 'postgres' },
    shared: true,
    poolSize: 1,
  };
}

const startsWithin = 20;
const lookEveryMilliseconds = 500;

/**
 * Finds the process that runs on a directory, waiting for one that is starting.
 *
 * @returns undefined where none does.
 * @throws {DirectoryInUseError} there is one, and it says nowhere how it can be reached.
 */
export async function findRunning(directory: string): Promise<DatabaseAddress | undefined> {
  let holder: Holder | undefined;
  for (let look = 0; look < startsWithin; look++) {
    holder = readLock(directory);
    if (holder === undefined || holder.pid === process.pid || !isAlive(holder.pid))
      return undefined;
    const { host } = holder;
    if (host !== undefined && existsSync(join(host, socketName))) return addressAt(host);
    await wait(lookEveryMilliseconds);
  }
  throw new DirectoryInUseError(directory, holder?.pid ?? 0);
}

/** Whether a process of that number lives. */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM';
  }
}
