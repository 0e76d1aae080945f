/**
 * No request holds the event loop for more than 50 ms: the largest and worst of every endpoint, against a
 * process that is otherwise quiet. What is measured is the processor time of one turn, the least of
 * several runs, since the machine may be busy. The figures are printed.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { routes as libraryRoutes } from '../../src/provider/configuration.ts';
import { onlyOnPostgres } from '../support/database.ts';
import { type MeteredServer, startMeteredServer } from '../support/metered-server.ts';
import type { LargeRequest, Rows } from './largest/parts.ts';
import { largestRequests } from './largest/rows.ts';
import { buildWideWorld } from './wide-world.ts';

const mostMilliseconds = 50;
const runs = 10;
const printed = 30;

let server: MeteredServer;
let rows: Rows;

beforeAll(async () => {
  server = await startMeteredServer();
  rows = await largestRequests(server, await buildWideWorld(server));
});
afterAll(() => server?.close());

test(...onlyOnPostgres('every endpoint has its row', 'needs DATABASE_URL'), () => {
  const mounted = [...new Set(server.routes)];
  expect(mounted.length).toBeGreaterThan(100);
  expect(mounted.filter((route) => (rows[route]?.length ?? 0) === 0)).toEqual([]);
  const paths = new Set(Object.keys(rows).map((row) => row.split(' ')[1]));
  expect(Object.values(libraryRoutes).filter((path) => !paths.has(path))).toEqual([]);
});

const title = `no request holds the event loop for more than ${mostMilliseconds} ms`;
test(...onlyOnPostgres(title, 'needs DATABASE_URL'), async () => {
  const held: { request: string; milliseconds: number }[] = [];
  for (const [route, requests] of Object.entries(rows)) {
    for (const large of requests) {
      held.push({ request: `${route}: ${large.what}`, milliseconds: await least(route, large) });
    }
  }
  held.sort((one, other) => other.milliseconds - one.milliseconds);
  for (const { request, milliseconds } of held.slice(0, printed)) {
    console.log(`${milliseconds.toFixed(1).padStart(7)} ms  ${request}`);
  }
  console.log(`${held.length} kinds of request to ${Object.keys(rows).length} endpoints`);
  expect(held.filter(({ milliseconds }) => milliseconds > mostMilliseconds)).toEqual([]);
});

/** @returns the shortest hold of several runs, in milliseconds; one that is far below will do. */
async function least(route: string, { what, before, send, status }: LargeRequest): Promise<number> {
  let shortest = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs && shortest > mostMilliseconds / 2; run++) {
    await before?.();
    let answered = 0;
    const hold = await server.measure(async () => {
      answered = await send();
    });
    shortest = Math.min(shortest, hold);
    if (status === undefined) expect.soft(answered, `${route}: ${what}`).toBeLessThan(500);
    else expect.soft(answered, `${route}: ${what}`).toBe(status);
  }
  return shortest;
}
