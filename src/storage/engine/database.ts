/**
 * The way to the database: statements, and transactions, on three sets of connections.
 *
 * Every storage function takes a `Db` first: the database itself, or an open transaction, so the
 * caller alone decides what commits together. A statement that is written down in the code is made
 * by `statement` and is prepared once per connection on PostgreSQL; the embedded database shares
 * one session between its connections, so there nothing is named.
 *
 *
 *   deciding   the statements behind what a token may do; planned once, by index, whatever the tables hold
 *   reading    lists and pages; planned by what the tables hold
 *   writing    changes, which find their rows by key; planned as what decides
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

/** SQL, and where it runs. */
export interface Statement {
  /** What it is prepared under, the digest of its text; undefined of SQL that is no constant. */
  readonly name: string | undefined;
  readonly text: string;
  /** What can write or lock is `writing`; all else never waits for a commit. */
  readonly on: Lane;
}

/** The sets of connections. */
type Lane = 'deciding' | 'reading' | 'writing';

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
  load(): Readonly<Record<Lane, PoolLoad>>;
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
/** Words and functions that write or lock. One inside a literal counts too: that only costs a place. */
const writes =
  /\b(insert|update|delete|merge|truncate|for (key )?share|nextval|set_config)\b|\b(usher|pg_advisory|pg_notify)\w*\s*\(/i;

/** Opens the database; connections are made when first needed, so this never waits. */
export function openDatabase(address: DatabaseAddress): Database {
  const { watch, ...lanes } = openLanes(address);
  const { deciding, reading, writing } = lanes;
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
      wanted.on === 'writing'
        ? write(toSent(wanted, values))
        : lanes[wanted.on].query(toSent(wanted, values)),
    begin: beginWriting,
    transaction: (work) => inTransaction(beginWriting(), work),
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
  deciding: { server: 3_000, client: 3_500 },
  reading: { server: 3_000, client: 3_500 },
  writing: { server: 8_000, client: 9_000 },
  commit: 5_000,
};

type Lanes = Readonly<Record<Lane, Connections>> & { readonly watch: StandbyWatch };

/** How the statements of a lane are planned. */
const planningOf = { deciding: 'lookups', reading: 'usual', writing: 'lookups' } as const;

/** The embedded database has one connection, which nothing can silence. */
function openLanes({ connection, shared, poolSize, settingsWay }: DatabaseAddress): Lanes {
  if (shared) {
    const connectionTimeoutMillis = patience.shared;
    const settings = { ...connection, max: poolSize, connectionTimeoutMillis };
    const all = openConnections(settings, () => {});
    return { deciding: all, reading: all, writing: all, watch: watchStandby(async () => 0) };
  }
  const forReading = Math.ceil(poolSize / 2);
  const forDeciding = Math.ceil(forReading / 2);
  const settingsOf = (lane: Lane, max: number): pg.PoolConfig => ({
    ...connection,
    max,
    connectionTimeoutMillis: patience.own,
    query_timeout: bounds[lane].client,
    ...settingUp(settingsWay, sessionSettings(bounds[lane].server, planningOf[lane])),
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
  });
  const writing = openConnections(settingsOf('writing', Math.max(1, poolSize - forReading)), () =>
    watch.suspect(),
  );
  // The network that silenced a question has silenced the writing connections, too.
  const deciding = openConnections(settingsOf('deciding', forDeciding), () => renewOthers());
  // One connection for both, where there is no second.
  const reading =
    forReading === forDeciding
      ? deciding
      : openConnections(settingsOf('reading', forReading - forDeciding), () => renewOthers());
  const renewOthers = () => {
    for (const others of [deciding, reading, writing]) others.renew();
  };
  const watch = watchStandby(async () => {
    const [row] = await reading.query<{ count: number }>({ text: waitingCommits });
    return row?.count ?? 0;
  });
  return { deciding, reading, writing, watch };
}

/** The settings for a connection, by the way that gets through to PostgreSQL. */
function settingUp(way: SettingsWay = 'startup', settings: SessionSettings): pg.PoolConfig {
  if (way === 'startup') return { options: asOptions(settings) };
  if (way === 'role') return {};
  return { onConnect: (client) => client.query(asStatement(settings)).then(() => {}) };
}

/** Finds out how settings get through to a PostgreSQL. @throws {PoolerError} they do not. */
export async function throughPooler(address: DatabaseAddress): Promise<DatabaseAddress> {
  const way = await findSettingsWay(
    address.connection,
    sessionSettings(bounds.writing.server, 'lookups'),
  );
  return { ...address, settingsWay: way };
}

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
