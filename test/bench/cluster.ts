/**
 * The PostgreSQL of a run: a temporary one of its own, or the one that DATABASE_URL names.
 *
 * The temporary one has stock durability (every commit is flushed), listens on loopback, and runs
 * on the processor that the server under test leaves alone. Statements are counted by
 * pg_stat_statements, from a database that no candidate uses.
 *
 * @module
 */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { databaseUrl } from '../support/database-url.ts';
import { freePort } from '../support/free-port.ts';
import type { Cleanup } from './cleanup.ts';
import { cores, isExecutable, MissingError, pinned } from './machine.ts';
import { familySeconds } from './processor-time.ts';

/** A PostgreSQL that candidates get their databases from. */
export interface Cluster {
  readonly description: string;
  /** Makes an empty database. @returns its address. */
  createDatabase(name: string): Promise<string>;
  /** Statements run so far in that database; undefined when the server does not count them. */
  statements(url: string): Promise<number | undefined>;
  /** From now on planning is counted too, which costs a little; only on a server of our own. */
  countPlanning(): Promise<void>;
  /** The statements on which that database spent its time, the dearest first. */
  dearestStatements(url: string): Promise<StatementCost[]>;
  /** Processor time so far; undefined for a server that is not ours. */
  processorSeconds(): number | undefined;
}

/** What one statement has cost, as the server counts it. */
export interface StatementCost {
  readonly text: string;
  readonly calls: number;
  /** Of planning (as far as it is counted) and running, without the protocol around it. */
  readonly milliseconds: number;
  readonly planningMilliseconds: number;
}

const programs = '/usr/lib/postgresql/15/bin';
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_preload_libraries: 'pg_stat_statements',
  max_connections: '300',
  /** A quarter of the memory, as PostgreSQL's manual advises (section 20.4). */
  shared_buffers: `${Math.floor(totalmem() / 4 / 2 ** 20)}MB`,
  maintenance_work_mem: '512MB',
  max_wal_size: '8GB',
  checkpoint_timeout: '15min',
};

/** @throws {MissingError} there is neither DATABASE_URL nor a PostgreSQL 15 that can be started. */
export async function startCluster(cleanup: Cleanup): Promise<Cluster> {
  const url = process.env['DATABASE_URL'];
  return url === undefined ? startOwn(cleanup) : connectTo(url, cleanup, undefined);
}

async function startOwn(cleanup: Cleanup): Promise<Cluster> {
  const user = databaseUser();
  const directory = mkdtempSync(join(tmpdir(), 'usher-bench-'));
  cleanup.add(async () => rmSync(directory, { recursive: true, force: true }));
  if (user.uid !== undefined && user.gid !== undefined) chownSync(directory, user.uid, user.gid);
  const data = join(directory, 'data');
  const options = { ...user, cwd: directory, stdio: 'ignore' } as const;
  execFileSync(
    `${programs}/initdb`,
    ['-D', data, '-U', 'usher', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8'],
    options,
  );

  const port = await freePort();
  const set = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const command = [`${programs}/postgres`, '-D', data, '-p', String(port), ...set];
  const [program, ...args] = pinned(cores.rest, command);
  const postgres = spawn(program, args, options);
  cleanup.add(async () => {
    if (postgres.exitCode !== null) return;
    postgres.kill('SIGINT'); // a fast shutdown
    await once(postgres, 'exit');
  });
  const url = `postgres://usher@127.0.0.1:${port}/postgres`;
  await untilItAnswers(url);
  return connectTo(url, cleanup, postgres.pid);
}

/** PostgreSQL refuses to run as root. */
function databaseUser(): { uid?: number; gid?: number } {
  if (!isExecutable(`${programs}/postgres`)) {
    throw new MissingError(
      `PostgreSQL 15 is not in ${programs}: install it (Debian: postgresql-15), or set DATABASE_URL`,
    );
  }
  if (process.getuid?.() !== 0) return {};
  try {
    const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { stdio: 'pipe' }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    throw new MissingError('PostgreSQL does not run as root, and there is no user postgres');
  }
}

async function untilItAnswers(url: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const client = new pg.Client({ connectionString: url });
    const isUp = await client.connect().then(
      () => true,
      () => false,
    );
    if (isUp) return client.end();
    await pause(50);
  }
  throw new MissingError('PostgreSQL did not start within 10 seconds');
}

async function connectTo(url: string, cleanup: Cleanup, pid: number | undefined): Promise<Cluster> {
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  cleanup.add(() => admin.end());
  if (pid !== undefined) await admin.query('create extension pg_stat_statements');
  const isCounting = await admin.query('select from pg_stat_statements limit 1').then(
    () => true,
    () => false,
  );
  const { rows } = await admin.query<{ version: string }>(
    `select split_part(version(), ' on ', 1) as version`,
  );
  const owner = pid === undefined ? 'DATABASE_URL' : 'its own, stock durability';

  return {
    description: `${rows[0]?.version}, ${owner}`,
    async createDatabase(name) {
      await admin.query(`create database ${name}`);
      if (pid === undefined) cleanup.add(() => admin.query(`drop database ${name} with (force)`));
      return databaseUrl(url, name);
    },
    statements: async (of) => (isCounting ? countStatements(admin, of) : undefined),
    async countPlanning() {
      if (pid === undefined) return;
      await admin.query('alter system set pg_stat_statements.track_planning = on');
      await admin.query('select pg_reload_conf()');
    },
    dearestStatements: async (of) => (isCounting ? listStatements(admin, of) : []),
    processorSeconds: () => (pid === undefined ? undefined : familySeconds(pid)),
  };
}

async function listStatements(admin: pg.Client, url: string): Promise<StatementCost[]> {
  const { rows } = await admin.query<StatementCost>(
    `select regexp_replace(s.query, '\\s+', ' ', 'g') as text, s.calls::float8 as calls,
            s.total_plan_time + s.total_exec_time as milliseconds,
            s.total_plan_time as "planningMilliseconds"
       from pg_stat_statements s join pg_database d on d.oid = s.dbid
      where d.datname = $1 order by milliseconds desc`,
    [databaseName(url)],
  );
  return rows;
}

async function countStatements(admin: pg.Client, url: string): Promise<number> {
  const { rows } = await admin.query<{ calls: string }>(
    `select coalesce(sum(s.calls), 0) as calls
       from pg_stat_statements(false) s join pg_database d on d.oid = s.dbid
      where d.datname = $1`,
    [databaseName(url)],
  );
  return Number(rows[0]?.calls);
}

function databaseName(url: string): string {
  return new URL(url).pathname.slice(1);
}
