/**
 * The way to the database: statements, and transactions, on the lanes of lanes.ts.
 *
 * Every storage function takes a `Db` first: the database itself, or an open transaction, so the
 * caller alone decides what commits together. A statement that is written down in the code is made
 * by `statement` and is prepared once per connection on PostgreSQL; the embedded database shares
 * one session between its connections, so there nothing is named.
 *
 * @module
 */

import { createHash } from 'node:crypto';
import type { Connections, Lease, PoolLoad, Sent } from './connections.ts';
import { commitBoundMilliseconds, type DatabaseAddress, type Lane, openLanes } from './lanes.ts';

export { type DatabaseAddress, throughPooler } from './lanes.ts';

/** SQL, and where it runs. */
export interface Statement {
  /** What it is prepared under, the digest of its text; undefined of SQL that is no constant. */
  readonly name: string | undefined;
  readonly text: string;
  /** What can write or lock is `writing`; all else never waits for a commit. */
  readonly on: Lane;
}

/** Where SQL can be sent: the database, or one transaction on it. */
export interface Db {
  /**
   * Runs one statement with its values ($1, $2, ...).
   *
   * @throws {DatabaseUnavailableError} the database cannot be reached, or did not answer in time.
   * @throws {pg.DatabaseError} the statement broke a constraint (`code` is the SQLSTATE).
   */
  query<Row extends object>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
}

/** An open transaction. Nothing inside it may wait for another connection. */
interface Transaction extends Db {
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** A unit of work that a use case is given: plain, the database itself; or under conditions. */
export interface Work {
  /** Commits what `body` did, or nothing of it when `body` throws. A use case may run it again. */
  run<T>(body: (tx: Db) => Promise<T>): Promise<T>;
  /** Without the conditions: for looking up beforehand, and for what stays where the work is undone. */
  readonly plain: Database;
}

/** A database for what only reads. */
export interface Reader extends Db {
  /** Runs `body` in a transaction that only reads, on a connection for reading. */
  readTransaction<T>(body: (tx: Db) => Promise<T>): Promise<T>;
}

/** The database of one process. */
export interface Database extends Reader, Work {
  begin(): Promise<Transaction>;
  /**
   * Whether the server refuses writes: a standby, or a primary that was set to read only. The next
   * statement then connects anew, since the address may lead to another server by now.
   */
  isReadOnly(): Promise<boolean>;
  /** The pools by name. */
  load(): Readonly<Record<Lane, PoolLoad>>;
  /** Waits for running statements, then gives the connections back. */
  close(): Promise<void>;
}

/** Names a constant piece of SQL by its own digest. */
export function statement(text: string): Statement {
  const name = `usher_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
  return { name, text, on: reads.test(text) && !writes.test(text) ? 'reading' : 'writing' };
}

/** As `statement`, of one that decides: looks into indexes, asked all the time. */
export function decidingStatement(text: string): Statement {
  return { ...statement(text), on: 'deciding' };
}

/** SQL put together for one call: a connection that kept each combination would grow with them. */
export function composedStatement(text: string): Statement {
  return { ...statement(text), name: undefined };
}

const reads = /^\s*(select|with)\b/i;
/** Words and functions that write or lock. One inside a literal counts too: that only costs a connection for writes. */
const writes =
  /\b(insert|update|delete|merge|truncate|for (key )?share|nextval|set_config)\b|\b(usher|pg_advisory|pg_notify)\w*\s*\(/i;

/** Opens the database; connections are made when first needed, so this never waits. */
export function openDatabase(address: DatabaseAddress): Database {
  const { watch, ...lanes } = openLanes(address);
  const { deciding, reading, writing } = lanes;
  const toSent = sender(!address.shared);
  const write = async <Row extends object>(sent: Sent): Promise<Row[]> => {
    watch.pass();
    return writing.query<Row>(sent);
  };
  const beginOn = async (on: Connections, word: 'BEGIN' | 'BEGIN READ ONLY') =>
    begin(await on.checkOut(), word, toSent);
  const beginWriting = async () => {
    watch.pass();
    return beginOn(writing, 'BEGIN');
  };

  const run: Work['run'] = (body) => inTransaction(beginWriting(), body);
  const database: Database = {
    query: (wanted, values) =>
      wanted.on === 'writing'
        ? write(toSent(wanted, values))
        : lanes[wanted.on].query(toSent(wanted, values)),
    begin: beginWriting,
    run,
    get plain() {
      return database;
    },
    readTransaction: (work) => inTransaction(beginOn(reading, 'BEGIN READ ONLY'), work),
    async isReadOnly() {
      const [row] = await reading.query<{ isReadOnly: boolean }>(toSent(readOnly));
      if (row?.isReadOnly !== true) return false;
      for (const connections of new Set([deciding, reading, writing])) connections.renew();
      return true;
    },
    load: () => ({ deciding: deciding.load(), reading: reading.load(), writing: writing.load() }),
    async close() {
      watch.stop();
      await Promise.all(new Set([deciding, reading, writing]).values().map((on) => on.close()));
    },
  };
  return database;
}

/** `transaction_read_only` is on in recovery, too. */
const readOnly = statement(
  `select current_setting('transaction_read_only')::boolean as "isReadOnly"`,
);

type ToSent = (wanted: Statement, values?: readonly unknown[]) => Sent;

function sender(named: boolean): ToSent {
  return named
    ? ({ name, text }, values = []) => ({
        ...(name !== undefined && { name }),
        text,
        values: [...values],
      })
    : ({ text }, values = []) => ({ text, values: [...values] });
}

async function begin(lease: Lease, word: string, toSent: ToSent): Promise<Transaction> {
  const send = async (text: string) => {
    try {
      await lease.query({ text, timeOut: commitBoundMilliseconds });
    } catch (error) {
      lease.release();
      throw error;
    }
  };
  const end = async (text: 'COMMIT' | 'ROLLBACK') => {
    await send(text);
    lease.release();
  };
  await send(word);
  return {
    query: (wanted, values) => lease.query(toSent(wanted, values)),
    commit: () => end('COMMIT'),
    rollback: () => end('ROLLBACK'),
  };
}

async function inTransaction<T>(
  begun: Promise<Transaction>,
  work: (tx: Db) => Promise<T>,
): Promise<T> {
  const tx = await begun;
  let result: T;
  try {
    result = await work(tx);
  } catch (error) {
    await tx.rollback().catch(() => {}); // the first error is the one to report
    throw error;
  }
  await tx.commit();
  return result;
}

/** Whether an error of the database names this constraint or SQLSTATE. */
export function brokeConstraint(error: unknown, name: string): boolean {
  const { constraint, code } = error as { constraint?: string; code?: string };
  return constraint === name || code === name;
}
