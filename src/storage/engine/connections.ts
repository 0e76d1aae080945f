/**
 * A set of connections to PostgreSQL, on which every statement is bounded on our side as well.
 *
 * The server's own time-outs end what is slow. They do not reach us over a connection that went
 * silent (a primary that vanished, an address that moved, a dropped translation entry), and they do
 * not end a COMMIT that waits for a standby. A statement without an answer in time therefore destroys
 * its connection. The idle connections beside it are as old and probably as silent, so they are given
 * up with it, and the next statement connects anew.
 *
 * @module
 */

import pg from 'pg';
import { DatabaseUnavailableError } from '../../lib/errors.ts';
import { createTimeOuts, SilenceError } from './time-outs.ts';

/** One statement as `pg` takes it, with a time-out of its own where that differs. */
export interface Sent {
  readonly name?: string;
  readonly text: string;
  readonly values?: unknown[];
  /** Milliseconds. */
  readonly timeOut?: number;
}

/** A connection that is checked out: for one transaction, or for one statement that writes. */
export interface Lease {
  /** @throws {DatabaseUnavailableError} the connection is gone, or what was committed is unknown. */
  query<Row extends object>(sent: Sent): Promise<Row[]>;
  /** Gives the connection back, or destroys it where it did not answer. */
  release(): void;
}

/** Connections that are made when first needed. */
export interface Connections {
  query<Row extends object>(sent: Sent): Promise<Row[]>;
  checkOut(): Promise<Lease>;
  /** Gives up the connections that are idle now; later statements use new ones. */
  renew(): void;
  load(): PoolLoad;
  /** Waits for running statements. */
  close(): Promise<void>;
}

/** Connections that there are, those of them with nothing to do, and who waits for one. */
export interface PoolLoad {
  readonly total: number;
  readonly idle: number;
  readonly waiting: number;
}

/** How long a statement may go without an answer, and what to do about one that had none. */
export interface Bound {
  /** Undefined: for ever. */
  readonly milliseconds: number | undefined;
  onSilence(): void;
}

/** Opens no connection yet. */
export function openConnections(
  settings: pg.PoolConfig,
  { milliseconds, onSilence }: Bound,
): Connections {
  let pool = openPool(settings);
  const bounded = boundedBy(milliseconds);
  const retired = new Set<Promise<void>>();

  let renewedAt = Number.NEGATIVE_INFINITY;
  const renew = () => {
    const now = performance.now();
    if (now - renewedAt < mostOftenMilliseconds) return;
    renewedAt = now;
    const old = pool;
    pool = openPool(settings);
    const ended = old.end().finally(() => retired.delete(ended));
    retired.add(ended);
  };
  /** Of many statements that went wrong with one pool, the first renews it. */
  const note = (error: unknown, on: pg.Pool) => {
    const isSilence = error instanceof SilenceError;
    if (on === pool && (isSilence || isReadOnly(error))) renew();
    if (isSilence) onSilence();
  };

  const checkOut = async () => {
    const on = pool;
    const client = await connect(on);
    return lease(client, bounded(client), (error) => note(error, on));
  };

  return {
    query: async <Row extends object>(sent: Sent) => queryOnce<Row>(await checkOut(), sent),
    checkOut,
    renew,
    load: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    async close() {
      await Promise.all([pool.end(), ...retired]);
    },
  };
}

const mostOftenMilliseconds = 1_000;

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw unavailable(error) ?? error;
  }
}

async function queryOnce<Row extends object>(lease: Lease, sent: Sent): Promise<Row[]> {
  try {
    return await lease.query<Row>(sent);
  } finally {
    lease.release();
  }
}

function openPool(settings: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool(settings);
  pool.on('error', ignore); // an idle connection broke: the pool drops it and makes another
  return pool;
}

/**
 * The promises of `pg`, and its own time-out, keep the rows of a statement until the next large garbage
 * collection, as rows in old memory. Its callbacks do not.
 */
function ask<Row extends object>(client: pg.PoolClient, sent: Sent): Promise<pg.QueryResult<Row>> {
  return new Promise((resolve, reject) => {
    void client.query<Row>(sent, (error, result) => (error ? reject(error) : resolve(result)));
  });
}

/** Runs a statement on a connection within its time. */
type Run = <Row extends object>(sent: Sent) => Promise<{ readonly rows: Row[] }>;

/** @param milliseconds for statements that have no time-out of their own; undefined: for ever. */
function boundedBy(milliseconds: number | undefined): (client: pg.PoolClient) => Run {
  const timeOuts = createTimeOuts();
  return (client) =>
    <Row extends object>({ timeOut = milliseconds, ...sent }: Sent) => {
      const answer = ask<Row>(client, sent);
      return timeOut === undefined ? answer : timeOuts.bound(answer, timeOut);
    };
}

function lease(client: pg.PoolClient, run: Run, note: (error: unknown) => void): Lease {
  let isBroken = false;
  let isUnreplicated = false;
  const listen = (notice: { routine?: string | undefined }) => {
    if (notice.routine === waitForStandby) isUnreplicated = true;
  };
  client.on('error', ignore); // unheard, a break between two statements would end the process
  client.on('notice', listen);

  return {
    async query<Row extends object>(sent: Sent) {
      if (isBroken) throw new DatabaseUnavailableError();
      try {
        const { rows } = await run<Row>(sent);
        if (isUnreplicated) throw new DatabaseUnavailableError({ cause: new Error(unreplicated) });
        return rows;
      } catch (error) {
        note(error);
        const away = error instanceof DatabaseUnavailableError ? error : unavailable(error);
        if (away !== undefined && !isAnswer(error)) isBroken = true;
        throw away ?? error;
      }
    },
    release() {
      client.off('notice', listen);
      if (!isBroken) client.off('error', ignore);
      client.release(isBroken);
    },
  };
}

/** The statement that follows reports a broken connection. */
function ignore(): void {}

/**
 * The function of PostgreSQL that warns, while the COMMIT succeeds, that somebody ended its wait for a
 * standby: the rows are on the primary alone, and a failover would lose them.
 */
const waitForStandby = 'SyncRepWaitForLSN';
const unreplicated = 'the wait for a synchronous standby was cancelled';

/** A primary that was demoted; its address may lead to another server by now. */
function isReadOnly(error: unknown): boolean {
  return (error as { code?: string }).code === '25006';
}

/** The server answered with an error, so the connection itself works. */
function isAnswer(error: unknown): boolean {
  return error instanceof pg.DatabaseError && !/^(08|57P)/.test(error.code ?? '');
}

/**
 * SQLSTATEs that mean "not now": connection, resources, operator intervention, system, time-outs, a
 * server that only reads, and one that does not let us in.
 */
const notNow = /^(08|53|57|58|55P03|25P03|25006|28|3D000)/;
const socketErrors = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

function unavailable(error: unknown): DatabaseUnavailableError | undefined {
  const { code, message } = error as { code?: string; message?: string };
  const isGone =
    error instanceof SilenceError ||
    (code !== undefined && (notNow.test(code) || socketErrors.has(code))) ||
    (code === undefined &&
      /timeout|terminated|Connection|not queryable|end on the pool/.test(message ?? ''));
  return isGone ? new DatabaseUnavailableError({ cause: error }) : undefined;
}
