/**
 * Brings the tables to the shape that this version needs.
 *
 * Nodes that start at once do so one after the other: who migrates holds an advisory lock of
 * PostgreSQL. The embedded database, where such a lock excludes nobody, belongs to one process.
 * A node that finds nothing to migrate loads nothing for it.
 *
 * A migration that waits for a table makes all traffic on that table wait behind it. So each is a
 * transaction of its own that gives up after a quarter of a second and is tried again a little later.
 *
 * @module
 */

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Knex } from 'knex';
import type pg from 'pg';
import { SchemaError } from '../../lib/errors.ts';
import { withClient } from './client.ts';
import { brokeConstraint, type DatabaseAddress } from './database.ts';
import { withKnex } from './knex.ts';
import { ownMigrations, readSchema } from './schema.ts';

/** How a migration waits for the tables that it changes. */
export interface MigrationOptions {
  /** The migrations' directory. */
  readonly directory?: string;
  /** How often to try; about once a second. */
  readonly attempts?: number;
}

/**
 * Runs every migration that has not run yet. Where there is none, nothing is written, so a role that
 * may not change tables gets by.
 *
 * @returns their file names.
 * @throws {SchemaError} the database is too new, its tables stay locked, or the role owns no tables.
 */
export async function migrateUp(
  address: DatabaseAddress,
  { directory = ownMigrations, attempts = 60 }: MigrationOptions = {},
): Promise<string[]> {
  if ((await readSchema(address, directory)).pending.length === 0) return [];
  return migrating(address, directory, async (db) => {
    const { pending } = await readSchema(address, directory); // another node may have been first
    if (pending.length > 0) await freeLock(db);
    for (const name of pending) {
      await untilUnlocked(db, name, attempts, () => runOne(db, name, directory));
    }
    return [...pending];
  });
}

function runOne(db: Knex, name: string, directory: string): Promise<unknown> {
  return db.migrate.up({
    name,
    beforeEach: limitLocks,
    afterEach: async (tx: Knex) => {
      const { runsWith } = await import(pathToFileURL(join(directory, name)).href);
      if (runsWith === undefined) return;
      await tx('schema_compatibility').insert({ migration: name, runs_with: runsWith });
    },
  });
}

/** To be called in a transaction; an index that is made beside traffic holds nobody up anyway. */
export async function limitLocks(tx: Knex): Promise<void> {
  if (tx.isTransaction) await tx.raw(`set local lock_timeout = '250ms'`);
}

const lockNotAvailable = '55P03';
const deadlockDetected = '40P01';
const insufficientPrivilege = '42501';

/** Tries again for as long as somebody else holds what `work` has to lock. */
export async function untilUnlocked<T>(
  db: Knex,
  name: string,
  attempts: number,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (brokeConstraint(error, insufficientPrivilege)) throw notOwner(name, error);
      const isLocked = [lockNotAvailable, deadlockDetected].some((c) => brokeConstraint(error, c));
      if (!isLocked) throw error;
      if (attempt >= attempts) throw await stillLocked(db, name, error);
      await sleep(500 + Math.random() * 500);
    }
  }
}

function notOwner(name: string, cause: unknown): SchemaError {
  return new SchemaError(
    `The role of DATABASE_URL may not run migration ${name} (${(cause as Error).message}). ` +
      'Run `npm run migrate` as the role that owns the tables, then `npm run migrate -- grant <role>` ' +
      'for the role that serves.',
    { cause },
  );
}

/** Says who has been at work for long, since one of them holds the tables. */
async function stillLocked(db: Knex, name: string, cause: unknown): Promise<SchemaError> {
  const { rows } = await db.raw(
    `select pid, extract(epoch from now() - xact_start)::int as seconds, left(query, 80) as query
       from pg_stat_activity a
      where datname = current_database() and pid <> pg_backend_pid()
        and xact_start < now() - interval '1 second'
        and not exists (select 1 from pg_locks l
                         where l.pid = a.pid and l.locktype = 'advisory' and l.objid = ?)
      order by xact_start limit 3`,
    [advisoryLock],
  );
  const busy = (rows as { pid: number; seconds: number; query: string }[])
    .map(({ pid, seconds, query }) => `process ${pid} for ${seconds} s: ${query}`)
    .join('; ');
  return new SchemaError(
    `Migration ${name} could not lock the tables that it changes; nothing of it was done. ` +
      `Transactions that are open: ${busy || 'none by now'}. End them (pg_terminate_backend) or wait, ` +
      'and run `npm run migrate` again.',
    { cause },
  );
}

/** Knex's own lock stays behind when a process is killed; ours excludes all others already. */
export function freeLock(db: Knex): Promise<void> {
  return db.migrate.forceFreeMigrationsLock();
}

/** Any number that nothing else takes; all versions of Usher agree on it. */
const advisoryLock = 8_472_014;

/** Runs `work` while no other node migrates. */
export function migrating<T>(
  address: DatabaseAddress,
  directory: string,
  work: (db: Knex) => Promise<T>,
): Promise<T> {
  const settings: Knex.Config = {
    migrations: {
      directory,
      loadExtensions: ['.ts'],
      disableMigrationsListValidation: true, // schema.ts knows better which files may be missing
    },
    log: { warn: () => {} }, // what it warns of, that it cannot connect, is thrown, too
  };
  const run = () => withKnex(address, work, settings);
  return address.shared ? run() : alone(address, run);
}

/** Held by a transaction, which ends with its connection, whatever becomes of this process. */
function alone<T>(address: DatabaseAddress, run: () => Promise<T>): Promise<T> {
  return withClient(address, async (holder) => {
    while (!(await takesLock(holder))) await sleep(200);
    return run();
  });
}

/**
 * Asks again and again, each time in a transaction of its own: an index that is built beside traffic
 * waits for every transaction that has a snapshot, and a statement that waits for a lock has one.
 * A statement with values would keep its own until the transaction ends.
 */
async function takesLock(holder: pg.Client): Promise<boolean> {
  await holder.query('begin');
  const { rows } = await holder.query<{ isHeld: boolean }>(
    `select pg_try_advisory_xact_lock(${advisoryLock}) as "isHeld"`,
  );
  if (rows[0]?.isHeld === true) return true;
  await holder.query('rollback');
  return false;
}
