/**
 * A load generator for machines without wrk: raw sockets, one request in flight on each.
 *
 *   node own-generator.ts '<task as JSON>'     prints a LoadResult
 *
 * @module
 */

import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Load, LoadResult, LoadRun } from './load.ts';

type Task = Omit<Load, 'bodies'> & LoadRun & { readonly bodies: string };

const task = JSON.parse(process.argv[2] ?? '{}') as Task;
const { hostname, port, host } = new URL(task.origin);
const bodies = readFileSync(task.bodies, 'utf8').split('\n').slice(0, -1);
const chainPrefix = /^(.*=)/.exec(bodies[0] ?? '')?.[1] ?? '';
const begin = performance.now();
const end = begin + task.seconds * 1_000;
const latencies: number[] = [];
let failures = 0;
let firstFailure: string | undefined;
let next = 0;

await Promise.all(Array.from({ length: task.connections }, converse));
process.stdout.write(`${JSON.stringify(result())}\n`);

/** One connection, from its opening to the end of the run. */
async function converse(): Promise<void> {
  const socket = connect(Number(port), hostname).setNoDelay(true);
  try {
    while (performance.now() < end) {
      const asked = performance.now();
      check(await exchange(socket, request()));
      latencies.push(performance.now() - asked);
    }
  } catch (error) {
    fail((error as Error).message);
  }
  socket.destroy();
}

function request(): string {
  const headers = { host, ...task.headers };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  if (bodies.length === 0) return `GET ${task.path} HTTP/1.1\r\n${lines.join('')}\r\n`;
  const body = nextBody();
  const length = `content-length: ${Buffer.byteLength(body)}\r\n`;
  return `POST ${task.path} HTTP/1.1\r\n${lines.join('')}${length}\r\n${body}`;
}

function nextBody(): string {
  if (task.order === 'random') return bodies[Math.floor(Math.random() * bodies.length)] ?? '';
  const body = bodies[next] ?? 'nothing=left';
  next += 1;
  return body;
}

/** Sends a request; @returns the whole answer, whose length its head must tell. */
function exchange(socket: Socket, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const settle = (finish: () => void) => {
      socket.removeAllListeners();
      finish();
    };
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      if (isWhole(answer)) settle(() => resolve(answer));
    });
    socket.on('error', (error) => settle(() => reject(error)));
    socket.on('close', () => settle(() => reject(new Error('the connection was closed'))));
    socket.write(text);
  });
}

function isWhole(answer: string): boolean {
  const head = answer.indexOf('\r\n\r\n');
  if (head < 0) return false;
  const [, length] = /^content-length: (\d+)/im.exec(answer.slice(0, head)) ?? [];
  return answer.length >= head + 4 + Number(length);
}

function check(answer: string): void {
  const isRight = answer.startsWith('HTTP/1.1 200 ');
  if (!isRight || !task.expected.every((text) => answer.includes(text))) fail(answer);
  const [, token] = /"refresh_token":"([^"]+)"/.exec(answer) ?? [];
  if (task.order === 'chain' && token !== undefined) bodies.push(chainPrefix + token);
}

function fail(what: string): void {
  failures += 1;
  firstFailure ??= what.slice(0, 500);
}

function result(): LoadResult {
  const sorted = latencies.toSorted((a, b) => a - b);
  const percentile = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
  return {
    requests: sorted.length,
    seconds: (performance.now() - begin) / 1_000,
    failures,
    p50Milliseconds: percentile(0.5),
    p99Milliseconds: percentile(0.99),
    firstFailure,
  };
}
