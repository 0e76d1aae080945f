/** Several processes of Usher on one PostgreSQL, as they run behind a load balancer. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openTestDatabase, type TestDatabase } from './database.ts';
import { freePort } from './free-port.ts';
import type { Node } from './oauth.ts';
import { testUsherKey } from './server.ts';

export interface Processes {
  /** Each at its own address; the first one's is the issuer of all. */
  readonly nodes: readonly [Node, ...Node[]];
  /** Kills one, as a machine that loses its power does. */
  crash(at: number): Promise<void>;
  /** Starts one again that was killed. */
  restart(at: number): Promise<void>;
  /** @throws {Error} a process did not end by itself when it was told to. */
  close(): Promise<void>;
}

/** How processes differ from those that everyone starts. */
interface Differences {
  /** A module to load before Usher. */
  readonly loadedBefore?: string;
  /** Settings beside the usual ones. */
  readonly settings?: Readonly<Record<string, string>>;
  /** How they reach the database. */
  readonly reach?: (database: TestDatabase) => Promise<string>;
}

/** Starts `count` processes with the demo data. */
export async function startProcesses(
  count: number,
  { loadedBefore, settings: more = {}, reach = addressOf }: Differences = {},
): Promise<Processes> {
  const database = await openTestDatabase();
  const ports = await Promise.all(Array.from({ length: count }, freePort));
  const settings = {
    ISSUER: `http://localhost:${ports[0]}`,
    DATABASE_URL: await reach(database),
    DATABASE_POOL: '10',
    DRAIN_SECONDS: '0',
    USHER_KEY: testUsherKey,
    DEMO: 'on',
    LOG_LEVEL: 'error',
    ...more,
  };
  const children: ChildProcess[] = [];
  const before = loadedBefore === undefined ? [] : ['--import', loadedBefore];
  const startOn = (port: number) => startProcess(before, { ...settings, PORT: String(port) });
  for (const port of ports) children.push(await startOn(port));
  const [issuer, ...others] = ports.map((port) => `http://localhost:${port}`);
  const toNode = (address: string): Node => ({ issuer: address, database });
  return {
    nodes: [toNode(issuer ?? ''), ...others.map(toNode)],
    crash: async (at) => {
      const child = children[at];
      if (child === undefined) throw new Error(`there is no process ${at}`);
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
    restart: async (at) => {
      children[at] = await startOn(ports[at] ?? 0);
    },
    close: async () => {
      const codes = await Promise.all(children.map(stopProcess));
      await database.close();
      if (codes.some((code) => code !== 0)) throw new Error(`processes ended with ${codes}`);
    },
  };
}

async function addressOf({ address }: TestDatabase): Promise<string> {
  return address.connection.connectionString ?? '';
}

async function startProcess(
  options: readonly string[],
  settings: Record<string, string>,
): Promise<ChildProcess> {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [...options, 'src/main.ts'], {
    env: { PATH, ...settings },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let said = '';
  for await (const chunk of child.stderr) {
    said += chunk;
    if (said.includes('Usher is ready')) break;
  }
  if (!said.includes('Usher is ready')) throw new Error(`a process did not start: ${said}`);
  return child;
}

async function stopProcess(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  child.kill('SIGTERM');
  await once(child, 'exit');
  return child.exitCode;
}
