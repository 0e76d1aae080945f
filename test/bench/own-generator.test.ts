/** The load generator for machines without wrk. */

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import type { Load, LoadResult } from './load.ts';

test('each connection sends the token of an earlier answer, and every answer is checked', async () => {
  const seen = new Map<string, number>();
  const result = await load({ order: 'chain', expected: ['"refresh_token"'] }, (token) => {
    seen.set(token, (seen.get(token) ?? 0) + 1);
    return `{"refresh_token":"${token}+"}`;
  });
  expect(result.failures).toBe(0);
  expect(result.requests).toBeGreaterThan(4);
  expect(Math.max(...seen.values())).toBe(1);
});

test('an answer without the expected text is a failure, and told', async () => {
  const expected = ['"active":true'];
  const result = await load({ order: 'random', expected }, () => '{"active":false}');
  expect(result.failures).toBe(result.requests);
  expect(result.firstFailure).toContain('{"active":false}');
});

async function load(
  what: Pick<Load, 'order' | 'expected'>,
  answer: (token: string) => string,
): Promise<LoadResult> {
  const server = createServer(async (req, res) => {
    const chunks = await req.toArray();
    res.end(answer(new URLSearchParams(chunks.join('')).get('token') ?? ''));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const directory = mkdtempSync(join(tmpdir(), 'usher-load-'));
  onTestFinished(() => {
    rmSync(directory, { recursive: true });
    server.closeAllConnections();
    server.close();
  });
  const bodies = join(directory, 'bodies.txt');
  writeFileSync(bodies, ['a', 'b', 'c', 'd'].map((token) => `token=${token}\n`).join(''));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const task = { origin, path: '/', headers: {}, bodies, connections: 2, seconds: 1, ...what };
  const script = join(import.meta.dirname, 'own-generator.ts');
  const run = await promisify(execFile)(process.execPath, [script, JSON.stringify(task)]);
  return JSON.parse(run.stdout) as LoadResult;
}
