/** A process of Usher that tells how long its event loop was held, see event-loop-meter.ts. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openTestDatabase } from './database.ts';
import type { MeterAnswer, MeterCommand } from './event-loop-meter.ts';
import { freePort } from './free-port.ts';
import type { Node } from './oauth.ts';
import { testUsherKey } from './server.ts';

/** The process, and what it tells. */
export interface MeteredServer extends Node {
  /** What the routers of the process have, as `GET /account`; `ALL` where the method does not matter. */
  readonly routes: readonly string[];
  /** @returns the processor time of the longest turn of the event loop meanwhile, in milliseconds. */
  measure(work: () => Promise<unknown>): Promise<number>;
  close(): Promise<void>;
}

/** Starts it with the demo data, on a database of its own. */
export async function startMeteredServer(): Promise<MeteredServer> {
  const database = await openTestDatabase();
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const child = await startProcess({
    PORT: String(port),
    ISSUER: issuer,
    DATABASE_URL: database.address.connection.connectionString ?? '',
    DATABASE_POOL: '10',
    DRAIN_SECONDS: '0',
    USHER_KEY: testUsherKey,
    DEMO: 'on',
    LOG_LEVEL: 'error',
    REGISTRATION_LIMIT: '100000',
  });
  const ask = async (command: MeterCommand) => {
    const answered = once(child, 'message');
    child.send(command);
    const [answer] = (await answered) as [MeterAnswer];
    return answer;
  };
  return {
    issuer,
    database,
    routes: (await ask('routes')) as readonly string[],
    measure: async (work) => {
      await ask('begin');
      await work();
      return Number(await ask('end')) / 1000;
    },
    close: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      await database.close();
    },
  };
}

async function startProcess(settings: Record<string, string>): Promise<ChildProcess> {
  const { PATH = '' } = process.env;
  const meter = './test/support/event-loop-meter.ts';
  const child = spawn(process.execPath, ['--import', meter, 'src/main.ts'], {
    env: { PATH, ...settings },
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  let said = '';
  for await (const chunk of child.stderr ?? []) {
    said += chunk;
    if (said.includes('Usher is ready')) return child;
  }
  throw new Error(`the process did not start: ${said}`);
}
