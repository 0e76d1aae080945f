/**
 * The way to the database: one pool of `pg` connections, statements, transactions.
 *
 * Every storage function takes a `Db` first: the database itself, or an open transaction, so the
 * caller alone decides what commits together. A statement that is written down in the code is made
 * by `statement` and is prepared once per connection on PostgreSQL; the embedded database shares
 * one session between its connections, so there nothing is named.
 *
 * @module
 */

import { createHash } from 'node:crypto';
import pg from 'pg';
import { DatabaseUnavailableError } from '../lib/errors.ts';

/** SQL that the code holds as a constant; `name` is its digest, the name it is prepared under. */
export interface Statement {
  readonly name: string;
  readonly text: string;
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
  /** Waits for running statements, then gives the connections back. */
  close(): Promise<void>;
}

/** How to reach the database; `shared` marks the embedded one, where all connections are one session. */
export interface DatabaseAddress {
  readonly connection: pg.PoolConfig;
  readonly shared: boolean;
  readonly poolSize: number;
}

/** Names a constant piece of SQL by its own digest. */
export function statement(text: string): Statement {
  return { name: `usher_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`, text };
}

/** Milliseconds to wait for a connection; the embedded database has one for all. */
const patience = { own: 3_000, shared: 30_000 };

/** Opens the pool; connections are made when first needed, so this never waits. */
export function openDatabase(address: DatabaseAddress): Database {
  const pool = new pg.Pool({
    ...address.connection,
    max: address.poolSize,
    connectionTimeoutMillis: address.shared ? patience.shared : patience.own,
    ...(address.shared ? {} : { options: sessionSettings, keepAlive: true }),
  });
  pool.on('error', ignore); // an idle connection broke: the pool drops it and makes another
  const run = runner(!address.shared);

  return {
    query: (wanted, values) => run(pool, wanted, values),
    begin: () => begin(pool, run),
    transaction: (work) => inTransaction(pool, run, work),
    close: () => pool.end(),
  };
}

/**
 * What every connection to a real PostgreSQL is set to: a request never waits longer than this; a
 * statement is planned once, for any values, and by index also while a table is small, since the plan
 * outlives that. Statements here are looks into indexes: to hash tables for them, to remember what was
 * found, or to compile them would cost more than to run them.
 */
const sessionSettings = [
  'statement_timeout=8000',
  'lock_timeout=5000',
  'idle_in_transaction_session_timeout=15000',
  'plan_cache_mode=force_generic_plan',
  'random_page_cost=1.1',
  'enable_seqscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
  'enable_memoize=off',
  'jit=off',
]
  .map((setting) => `-c ${setting}`)
  .join(' ');

type Queryable = Pick<pg.Pool, 'query'>;
type Run = <Row extends object>(
  on: Queryable,
  wanted: Statement,
  values?: readonly unknown[],
) => Promise<Row[]>;

function runner(named: boolean): Run {
  return async <Row extends object>(
    on: Queryable,
    wanted: Statement,
    values: readonly unknown[] = [],
  ) => {
    try {
      const query = named
        ? { ...wanted, values: [...values] }
        : { text: wanted.text, values: [...values] };
      return (await on.query<Row>(query)).rows;
    } catch (error) {
      throw unavailable(error) ?? error;
    }
  };
}

async function begin(pool: pg.Pool, run: Run): Promise<Transaction> {
  const client = await connect(pool);
  client.on('error', ignore); // unheard, a break between two statements would end the process
  const send = async (word: 'BEGIN' | 'COMMIT' | 'ROLLBACK') => {
    try {
      await client.query(word);
    } catch (error) {
      client.release(true);
      throw unavailable(error) ?? error;
    }
  };
  const end = async (word: 'COMMIT' | 'ROLLBACK') => {
    await send(word);
    client.off('error', ignore);
    client.release();
  };
  await send('BEGIN');
  return {
    query: (wanted, values) => run(client as unknown as Queryable, wanted, values),
    commit: () => end('COMMIT'),
    rollback: () => end('ROLLBACK'),
  };
}

/** The statement that follows tells of a broken connection. */
function ignore(): void {}

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw unavailable(error) ?? error;
  }
}

async function inTransaction<T>(pool: pg.Pool, run: Run, work: (tx: Db) => Promise<T>): Promise<T> {
  const tx = await begin(pool, run);
  let result: T;
  try {
    result = await work(tx);
  } catch (error) {
    await tx.rollback().catch(() => {}); // the first error is the one to tell
    throw error;
  }
  await tx.commit();
  return result;
}

/** SQLSTATE classes that mean "not now": connection, resources, operator intervention, system, time-outs. */
const notNow = /^(08|53|57|58|55P03|25P03)/;
const socketErrors = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
]);

function unavailable(error: unknown): DatabaseUnavailableError | undefined {
  const { code, message } = error as { code?: string; message?: string };
  const isGone =
    (code !== undefined && (notNow.test(code) || socketErrors.has(code))) ||
    (code === undefined && /timeout|terminated|Connection|not queryable/.test(message ?? ''));
  return isGone ? new DatabaseUnavailableError({ cause: error }) : undefined;
}

/** Whether an error of the database names this constraint or SQLSTATE. */
export function brokeConstraint(error: unknown, name: string): boolean {
  const { constraint, code } = error as { constraint?: string; code?: string };
  return constraint === name || code === name;
}
