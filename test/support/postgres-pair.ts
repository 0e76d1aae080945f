/** A primary and a synchronous standby of its own, for tests that stop one of them. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chownSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from './free-port.ts';

const programs = process.env['PG_PROGRAMS'] ?? '/usr/lib/postgresql/15/bin';

export interface PostgresPair {
  /** Of an empty database on the primary. */
  readonly url: string;
  /** Of the same database on the standby. */
  readonly standbyUrl: string;
  /** Ends the standby at once; from then on no commit on the primary returns. */
  stopStandby(): Promise<void>;
  /** Starts it again; resolves when it has caught up. */
  startStandby(): Promise<void>;
  stop(): Promise<void>;
}

/** Whether the programs that make a pair are installed here. */
export function canStartPair(): boolean {
  try {
    for (const name of ['initdb', 'postgres', 'pg_basebackup']) {
      accessSync(join(programs, name), constants.X_OK);
    }
    return true;
  } catch {
    return false;
  }
}

/** Starts both on loopback, with their files in a temporary directory. */
export async function startPair(): Promise<PostgresPair> {
  const user = databaseUser();
  const directory = mkdtempSync(join(tmpdir(), 'usher-pair-'));
  if (user.uid !== undefined && user.gid !== undefined) chownSync(directory, user.uid, user.gid);
  const [primaryPort, standbyPort] = [await freePort(), await freePort()];
  const run = (program: string, ...words: string[]) =>
    execFileSync(join(programs, program), words, { ...user, cwd: directory, stdio: 'ignore' });
  const serve = (name: string, port: number): ChildProcess => {
    const settings = {
      port: String(port),
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      fsync: 'off',
      max_connections: '60',
      cluster_name: name,
    };
    const set = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
    const words = ['-D', join(directory, name), ...set];
    return spawn(join(programs, 'postgres'), words, { ...user, cwd: directory, stdio: 'ignore' });
  };
  const urlOf = (port: number, database: string) =>
    `postgres://usher@127.0.0.1:${port}/${database}`;

  run('initdb', '-D', join(directory, 'primary'), '-U', 'usher', '-A', 'trust', '--no-sync');
  const primary = serve('primary', primaryPort);
  const admin = await connect(urlOf(primaryPort, 'postgres'));
  await admin.query('create database usher');
  const from = ['-h', '127.0.0.1', '-p', String(primaryPort), '-U', 'usher'];
  const copy = ['-R', '-X', 'stream', '--checkpoint=fast', '--no-sync'];
  run('pg_basebackup', '-D', join(directory, 'standby'), ...from, ...copy);
  let standby = serve('standby', standbyPort);
  await untilReplicating(admin);
  await admin.query(`alter system set synchronous_standby_names = 'standby'`);
  await admin.query('select pg_reload_conf()');

  const stopStandby = () => end(standby);
  return {
    url: urlOf(primaryPort, 'usher'),
    standbyUrl: urlOf(standbyPort, 'usher'),
    stopStandby,
    async startStandby() {
      standby = serve('standby', standbyPort);
      await untilReplicating(admin);
    },
    async stop() {
      await admin.end();
      await stopStandby();
      await end(primary);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to run as root. */
export function databaseUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { stdio: 'pipe' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function connect(url: string): Promise<pg.Client> {
  for (let attempt = 0; ; attempt++) {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (attempt >= 300) throw error;
      await pause(100);
    }
  }
}

async function untilReplicating(admin: pg.Client): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const { rowCount } = await admin.query(
      `select from pg_stat_replication where state = 'streaming' and replay_lsn >= sent_lsn`,
    );
    if (rowCount === 1) return;
    await pause(100);
  }
  throw new Error('the standby does not replicate');
}

/** At once, as a machine that loses its power. */
async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill('SIGQUIT');
  await ended;
}
