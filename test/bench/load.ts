/**
 * Load: one kind of request, sent over keep-alive connections, every answer checked.
 *
 * `wrk` sends it where it is installed; else a generator of our own, slower and said so.
 *
 * @module
 */

import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cores, findProgram, pinned } from './machine.ts';

/**
 * What is sent:
 *
 * | order | each request takes |
 * |---|---|
 * | `random` | a body at random, again and again |
 * | `once` | the next body, none twice |
 * | `chain` | the oldest token that an answer gave and no request has used; at first the bodies' own |
 */
type Order = 'random' | 'once' | 'chain';

/** One kind of request, and how its answers are told to be right. */
export interface Load {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly order: Order;
  /** Form bodies; a GET has none. In a chain they end in the token. */
  readonly bodies: readonly string[] | undefined;
  /** Every answer is a 200 that holds all of these. */
  readonly expected: readonly string[];
}

/** What came of one run. */
export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  /** Answers that were not as expected, and connections that broke. */
  readonly failures: number;
  readonly p50Milliseconds: number;
  readonly p99Milliseconds: number;
  /** The first answer that was not as expected. */
  readonly firstFailure: string | undefined;
}

/** Where and how long. */
export interface LoadRun {
  readonly origin: string;
  readonly connections: number;
  readonly seconds: number;
  /** For the files that tell the generator what to send. */
  readonly directory: string;
}

/** What sends the load. */
export const generator =
  findProgram('wrk') === undefined ? 'own generator in Node (wrk is not installed)' : 'wrk';

const run = promisify(execFile);

/** Sends the load, and waits for its end. */
export async function sendLoad(load: Load, to: LoadRun): Promise<LoadResult> {
  const bodies = join(to.directory, 'bodies.txt');
  writeFileSync(bodies, (load.bodies ?? []).map((body) => `${body}\n`).join(''));
  const command = generator === 'wrk' ? wrk : ownGenerator;
  const [program, ...args] = pinned(cores.rest, command(load, to, bodies));
  const { stdout } = await run(program, args, { maxBuffer: 1e7 });
  return JSON.parse(stdout.slice(stdout.indexOf('{"requests"'))) as LoadResult;
}

function wrk(load: Load, { origin, connections, seconds }: LoadRun, bodies: string): string[] {
  const headers = Object.entries(load.headers).flatMap(([name, value]) => [
    '-H',
    `${name}: ${value}`,
  ]);
  const script = join(import.meta.dirname, 'load.lua');
  const size = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s'];
  const url = origin + load.path;
  return ['wrk', ...size, ...headers, '-s', script, url, load.order, bodies, ...load.expected];
}

function ownGenerator(load: Load, to: LoadRun, bodies: string): string[] {
  const { path, headers, order, expected } = load;
  const task = { ...to, path, headers, order, expected, bodies };
  const script = join(import.meta.dirname, 'own-generator.ts');
  return [process.execPath, script, JSON.stringify(task)];
}
