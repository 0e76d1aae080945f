/**
 * Units of work under conditions: what is asked before a body, and seen to after it, is in the
 * transaction of the body, so it holds at the commit and undoes the body where it throws.
 *
 * @module
 */

import type { Db, Work } from './database.ts';

/** What is done in the transaction of a body; `Seen` is what `before` found there. */
export interface Conditions<Seen> {
  before(tx: Db): Promise<Seen>;
  after?(tx: Db, result: unknown, seen: Seen): Promise<void>;
}

/** Throws where the caller may not act any more; holds what it read until the transaction ends. */
export type Guard = (tx: Db) => Promise<void>;

/** @returns the same work, each run of which is under the conditions. */
export function workUnder<Seen>(work: Work, { before, after }: Conditions<Seen>): Work {
  return {
    plain: work.plain,
    run: (body) =>
      work.run(async (tx) => {
        const seen = await before(tx);
        const result = await body(tx);
        await after?.(tx, result, seen);
        return result;
      }),
  };
}

/**
 * Work for one caller. Between a first check and the work a body may arrive slowly; whatever ended
 * meanwhile is seen by the guard, in the transaction of the work itself.
 */
export function guardedWork(work: Work, guard: Guard): Work {
  return workUnder(work, { before: guard });
}
