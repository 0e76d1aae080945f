/**
 * Ports for servers that tests start. A port that the system gives out is free now, and another
 * process may have it a second later, when the server listens: so these come from below the range
 * that systems give out, each process of a run from a part of its own.
 */

import { once } from 'node:events';
import { createServer } from 'node:net';

const first = 10_240;
const last = 32_767;
const ofOneProcess = 1_000;

/** The first port of this process: its number in the run counts, and for two runs at once the run's id. */
const start =
  (Number(process.env['VITEST_POOL_ID'] ?? 0) * ofOneProcess + process.ppid * 7_919) % span();
let given = 0;

/** @returns a port that nobody listens on, and that nobody else of this run is given. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < ofOneProcess; tries += 1) {
    const port = first + ((start + (given++ % ofOneProcess)) % span());
    if (await isFree(port)) return port;
  }
  throw new Error(`no port from ${first + start} on is free`);
}

function span(): number {
  return last - first + 1;
}

/** Whether one can listen on a port: on all addresses, and so on each. */
async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  const listening = once(probe, 'listening').then(
    () => true,
    () => false,
  );
  probe.listen(port);
  const isOurs = await listening;
  if (isOurs) {
    probe.close();
    await once(probe, 'close');
  }
  return isOurs;
}
