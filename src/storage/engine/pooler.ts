/**
 * What lies between Usher and PostgreSQL, found out once at the start.
 *
 * PostgreSQL itself takes the session's settings in the startup message. A pooler (PgBouncer) refuses
 * them there, or is set up to drop them without a word; and in transaction mode each transaction may run
 * on another connection of its own, where neither settings nor prepared statements are. So: what was set
 * is read back, and what a pooler forgets is tried.
 *
 *   no pooler                   settings go with the startup message
 *   pooler, session mode        settings are sent after connecting
 *   pooler, transaction mode    settings have to be the role's, and prepared statements have to last
 *
 * @module
 */

import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { PoolerError } from '../../lib/errors.ts';
import { asOptions, asStatement, type SessionSettings } from './session-settings.ts';

/** How a connection gets its settings. */
export type SettingsWay = 'startup' | 'statement' | 'role';

const patience = { connectionTimeoutMillis: 5_000, query_timeout: 5_000 };

/**
 * @param connection how PostgreSQL, or what pools connections to it, is reached.
 * @returns how the settings arrive at the sessions behind that.
 * @throws {PoolerError} they do not, or prepared statements do not last; the message says what to do.
 */
export async function findSettingsWay(
  connection: pg.PoolConfig,
  settings: SessionSettings,
): Promise<SettingsWay> {
  if (await arrivesByStartup(connection, settings)) return 'startup';
  return withTwo(connection, async (one, other) => {
    if (!(await isPooledByTransaction(one, other))) {
      await one.query(asStatement(settings));
      const lost = await lostSettings(one, settings);
      if (lost.length === 0) return 'statement';
      throw new PoolerError(
        `DATABASE_URL: the pooler takes these settings without keeping them: ${lost.join(', ')}.`,
      );
    }
    await requireRoleSettings(one, settings);
    await requirePrepared(one, other);
    return 'role';
  });
}

/** Whether PostgreSQL itself is there, and the settings of the startup message with it. */
async function arrivesByStartup(
  connection: pg.PoolConfig,
  settings: SessionSettings,
): Promise<boolean> {
  const client = await connected({ ...connection, options: asOptions(settings) }).catch(
    (error: Error) => {
      if (/unsupported startup parameter/.test(error.message)) return undefined;
      throw error;
    },
  );
  if (client === undefined) return false;
  try {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    // A pooler makes up the process number that it greets with.
    const isDirect = rows[0]?.pid === (client as pg.Client & { processID?: number }).processID;
    return isDirect && (await lostSettings(client, settings)).length === 0;
  } finally {
    await client.end();
  }
}

/** One session keeps its settings even while another one works; a shared one does not. */
async function isPooledByTransaction(one: pg.Client, other: pg.Client): Promise<boolean> {
  const mark = randomBytes(8).toString('hex');
  await one.query(`select set_config('usher.mark', '${mark}', false)`);
  return whileBusy(other, async () => {
    const { rows } = await one.query<{ mark: string | null }>(
      `select current_setting('usher.mark', true) as mark`,
    );
    return rows[0]?.mark !== mark;
  });
}

/** `work` runs while the other session's transaction occupies a connection of the pooler. */
async function whileBusy<T>(other: pg.Client, work: () => Promise<T>): Promise<T> {
  await other.query('begin');
  await other.query('select 1');
  try {
    return await work();
  } finally {
    await other.query('rollback');
  }
}

async function lostSettings(client: pg.Client, settings: SessionSettings): Promise<string[]> {
  const { rows } = await client.query<{ name: string; setting: string }>(
    'select name, setting from pg_settings where name = any($1)',
    [Object.keys(settings)],
  );
  const there = new Map(rows.map(({ name, setting }) => [name, setting]));
  return Object.entries(settings)
    .filter(([name, value]) => there.get(name) !== value)
    .map(([name]) => name);
}

async function requireRoleSettings(client: pg.Client, settings: SessionSettings): Promise<void> {
  const lost = await lostSettings(client, settings);
  if (lost.length === 0) return;
  const { rows } = await client.query<{ line: string }>(
    `select format('alter role %I in database %I set %I = %L;',
                   current_user, current_database(), name, value) as line
       from unnest($1::text[], $2::text[]) as wanted (name, value)`,
    [lost, lost.map((name) => settings[name])],
  );
  throw new PoolerError(
    'DATABASE_URL: a pooler in transaction mode (PgBouncer) cannot carry `options`, the settings of a ' +
      'session, and without them Usher would wait without bounds and read whole tables. Use ' +
      'pool_mode = session, or give the settings to the role, then RECONNECT in the pooler:\n' +
      rows.map(({ line }) => `  ${line}`).join('\n'),
  );
}

/** The second time only the statement's name is sent. */
async function requirePrepared(one: pg.Client, other: pg.Client): Promise<void> {
  const named = { name: 'usher_probe', text: 'select 1 as one' };
  await one.query(named);
  try {
    await whileBusy(other, () => one.query(named));
  } catch (cause) {
    throw new PoolerError(
      'DATABASE_URL: the pooler (PgBouncer in transaction mode) forgets prepared statements ' +
        `(${(cause as Error).message}). Set max_prepared_statements, which PgBouncer 1.21 or newer has, ` +
        'use pool_mode = session, or connect to PostgreSQL directly.',
      { cause },
    );
  }
}

async function withTwo<T>(
  connection: pg.PoolConfig,
  work: (one: pg.Client, other: pg.Client) => Promise<T>,
): Promise<T> {
  const one = await connected(connection);
  try {
    const other = await connected(connection);
    try {
      return await work(one, other);
    } finally {
      await other.end();
    }
  } finally {
    await one.end();
  }
}

async function connected(connection: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client({ ...connection, ...patience });
  client.on('error', () => {}); // the statement that follows reports it
  await client.connect();
  return client;
}
