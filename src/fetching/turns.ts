/**
 * Few fetches at once from one host: whoever lets us fetch a thousand documents of a host must not make
 * us a burden to it, nor take up everybody's connections with it.
 *
 * @module
 */

import { limitConcurrency } from '../lib/concurrency-limit.ts';

/** Does the work as soon as the host has a free turn; @throws the signal's reason where none comes in time. */
export type TakeTurn = <T>(host: string, signal: AbortSignal, work: () => Promise<T>) => Promise<T>;

/** @returns the turns of all hosts, each with so many at once. */
export function createTurns(atOnce: number): TakeTurn {
  const hosts = new Map<string, { users: number; limit: ReturnType<typeof limitConcurrency> }>();
  return async (host, signal, work) => {
    const turns = hosts.get(host) ?? { users: 0, limit: limitConcurrency(atOnce) };
    hosts.set(host, turns);
    turns.users++;
    const turn = turns.limit(async () => {
      signal.throwIfAborted(); // nobody waits for it any more
      return work();
    });
    try {
      return await Promise.race([turn, aborted(signal)]);
    } finally {
      void turn
        .catch(() => {})
        .finally(() => {
          if (--turns.users === 0) hosts.delete(host);
        });
    }
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
