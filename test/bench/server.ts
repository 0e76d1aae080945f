/**
 * A server under test: a process of its own, alone on its processor.
 *
 * @module
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../support/free-port.ts';
import type { Cleanup } from './cleanup.ts';
import { cores, pinned } from './machine.ts';

/** How a server is started; every one takes its port from PORT. */
export interface Program {
  /** Node's own options, the file to run, and its arguments. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** A path that is answered with 200 as soon as the server takes requests. */
  readonly readyPath: string;
  /** The database that it uses, if any. */
  readonly database: string | undefined;
}

/** A server that runs. */
export interface Server {
  readonly origin: string;
  readonly pid: number;
  readonly database: string | undefined;
  /** From the start of the process to its first answer. */
  readonly startMilliseconds: number;
  /** Ends it, letting it write what it writes at the end. */
  stop(): Promise<void>;
}

/** Starts a program and waits until it answers. */
export async function startServer(program: Program, cleanup: Cleanup): Promise<Server> {
  const port = String(await freePort());
  const origin = `http://127.0.0.1:${port}`;
  const [file, ...args] = pinned(cores.server, [process.execPath, ...program.command]);
  const begin = performance.now();
  const child = spawn(file, args, {
    env: { ...inherited(), ...program.environment, PORT: port, ISSUER: origin },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaints = '';
  child.stderr.on('data', (chunk) => {
    complaints = (complaints + chunk).slice(-4_000);
  });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  cleanup.add(stop);

  while (!(await answers(`${origin}${program.readyPath}`))) {
    if (child.exitCode !== null) throw new Error(`the server ended: ${complaints}`);
    if (performance.now() - begin > 30_000) throw new Error(`no answer in 30 s: ${complaints}`);
    await pause(5);
  }
  const startMilliseconds = performance.now() - begin;
  return { origin, pid: child.pid ?? 0, database: program.database, startMilliseconds, stop };
}

/** The environment without what would change how a server runs. */
function inherited(): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return { PATH, HOME };
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { headers: { connection: 'close' } }).catch(() => undefined);
  await response?.body?.cancel();
  return response?.status === 200;
}
