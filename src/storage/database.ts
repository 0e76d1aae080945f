/**
 * The way to the database: statements, and transactions, on two sets of connections.
 *
 * Every storage function takes a `Db` first: the database itself, or an open transaction, so the
 * caller alone decides what commits together. A statement that is written down in the code is made
 * by `statement` and is prepared once per connection on PostgreSQL; the embedded database shares
 * one session between its connections, so there nothing is named.
 *
 * What only reads has connections of its own: a commit may wait for a standby that is away, and
 * answers must not wait behind it.
 *
 * @module
 */

import { createHash } from 'node:crypto';
import type pg from 'pg';
import {
  type Connections,
  type Lease,
  openConnections,
  type PoolLoad,
  type Sent,
} from './connections.ts';
import { findSettingsWay, type SettingsWay } from './pooler.ts';
import {
  asOptions,
  asStatement,
  type SessionSettings,
  sessionSettings,
} from './session-settings.ts';
import { type StandbyWatch, waitingCommits, watchStandby } from './standby-watch.ts';

/** SQL that the code holds as a constant; `name` is its digest, the name it is prepared under. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /** Whether it can neither write nor lock, so that it never waits for a commit. */
  readonly isRead: boolean;
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

/** The database of one process. */
export interface Database extends Db {
  begin(): Promise<Transaction>;
  /** Commits what `work` did, or nothing of it when `work` throws. */
  transaction<T>(work: (tx: Db) => Promise<T>): Promise<T>;
  /** Runs `work` in a transaction that only reads, on a connection for reading. */
  readTransaction<T>(work: (tx: Db) => Promise<T>): Promise<T>;
  /**
   * Whether the server refuses writes: a standby, or a primary that was set to read only. The next
   * statement then connects anew, since the address may lead to another server by now.
   */
  isReadOnly(): Promise<boolean>;
  /** The pools by name. */
  load(): Readonly<Record<'reading' | 'writing', PoolLoad>>;
  /** Waits for running statements, then gives the connections back. */
  close(): Promise<void>;
}

/** How to reach the database; `shared` marks the embedded one, where all connections are one session. */
export interface DatabaseAddress {
  readonly connection: pg.PoolConfig;
  readonly shared: boolean;
  readonly poolSize: number;
  /** How a connection gets its settings; with its startup message where nothing is said. */
  readonly settingsWay?: SettingsWay;
}

/** Names a constant piece of SQL by its own digest. */
export function statement(text: string): Statement {
  const name = `usher_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
  return { name, text, isRead: reads.test(text) && !writes.test(text) };
}

const reads = /^\s*(select|with)\b/i;
/** Words and functions that write or lock. One inside a literal counts too: that only costs a place. */
const writes =
  /\b(insert|update|delete|merge|truncate|for (key )?share|nextval|set_config)\b|\b(usher|pg_advisory|pg_notify)\w*\s*\(/i;

/** Opens the database; connections are made when first needed, so this never waits. */
export function openDatabase(address: DatabaseAddress): Database {
  const { reading, writing, watch } = openBoth(address);
  const toSent = sender(!address.shared);
  const write = async <Row extends object>(sent: Sent): Promise<Row[]> => {
    watch.pass();
    const lease = await writing.checkOut();
    try {
      return await lease.query<Row>(sent);
    } finally {
      lease.release();
    }
  };
  const beginOn = async (on: Connections, word: 'BEGIN' | 'BEGIN READ ONLY') =>
    begin(await on.checkOut(), word, toSent);
  const beginWriting = async () => {
    watch.pass();
    return beginOn(writing, 'BEGIN');
  };

  return {
    query: (wanted, values) =>
      wanted.isRead ? reading.query(toSent(wanted, values)) : write(toSent(wanted, values)),
    begin: beginWriting,
    transaction: (work) => inTransaction(beginWriting(), work),
    readTransaction: (work) => inTransaction(beginOn(reading, 'BEGIN READ ONLY'), work),
    async isReadOnly() {
      const [row] = await reading.query<{ isReadOnly: boolean }>(toSent(readOnly));
      if (row?.isReadOnly !== true) return false;
      for (const connections of [reading, writing]) connections.renew();
      return true;
    },
    load: () => ({ reading: reading.load(), writing: writing.load() }),
    async close() {
      watch.stop();
      await Promise.all(new Set([reading, writing]).values().map((on) => on.close()));
    },
  };
}

/** `transaction_read_only` is on in recovery, too. */
const readOnly = statement(
  `select current_setting('transaction_read_only')::boolean as "isReadOnly"`,
);

/** Milliseconds to wait for a connection; the embedded database has one for all. */
const patience = { own: 2_500, shared: 30_000 };

/**
 * Milliseconds until a statement is ended: by the server, and a little later, when the server does not
 * answer at all, on our side. Questions are short. A COMMIT is bounded on our side only.
 */
const bounds = {
  reading: { server: 3_000, client: 3_500 },
  writing: { server: 8_000, client: 9_000 },
  commit: 5_000,
};

interface Both {
  readonly reading: Connections;
  readonly writing: Connections;
  readonly watch: StandbyWatch;
}

/** The embedded database has one connection, which nothing can silence. */
function openBoth({ connection, shared, poolSize, settingsWay }: DatabaseAddress): Both {
  if (shared) {
    const connectionTimeoutMillis = patience.shared;
    const settings = { ...connection, max: poolSize, connectionTimeoutMillis };
    const both = openConnections(settings, () => {});
    return { reading: both, writing: both, watch: watchStandby(async () => 0) };
  }
  const forReading = Math.ceil(poolSize / 2);
  const settingsOf = (kind: 'reading' | 'writing', max: number): pg.PoolConfig => ({
    ...connection,
    max,
    connectionTimeoutMillis: patience.own,
    query_timeout: bounds[kind].client,
    ...settingUp(settingsWay, sessionSettings(bounds[kind].server)),
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
  });
  const writing = openConnections(settingsOf('writing', Math.max(1, poolSize - forReading)), () =>
    watch.suspect(),
  );
  // The network that silenced a question has silenced the writing connections, too.
  const reading = openConnections(settingsOf('reading', forReading), () => writing.renew());
  const watch = watchStandby(async () => {
    const [row] = await reading.query<{ count: number }>({ text: waitingCommits });
    return row?.count ?? 0;
  });
  return { reading, writing, watch };
}

/** The settings for a connection, by the way that gets through to PostgreSQL. */
function settingUp(way: SettingsWay = 'startup', settings: SessionSettings): pg.PoolConfig {
  if (way === 'startup') return { options: asOptions(settings) };
  if (way === 'role') return {};
  return { onConnect: (client) => client.query(asStatement(settings)).then(() => {}) };
}

/** Finds out how settings get through to a PostgreSQL. @throws {PoolerError} they do not. */
export async function throughPooler(address: DatabaseAddress): Promise<DatabaseAddress> {
  const way = await findSettingsWay(address.connection, sessionSettings(bounds.writing.server));
  return { ...address, settingsWay: way };
}

type ToSent = (wanted: Statement, values?: readonly unknown[]) => Sent;

function sender(named: boolean): ToSent {
  return named
    ? ({ name, text }, values = []) => ({ name, text, values: [...values] })
    : ({ text }, values = []) => ({ text, values: [...values] });
}

async function begin(lease: Lease, word: string, toSent: ToSent): Promise<Transaction> {
  const send = async (text: string) => {
    try {
      await lease.query({ text, query_timeout: bounds.commit });
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
