/**
 * Time-outs of many statements with one timer, which is not started and stopped for each.
 *
 * @module
 */

/** There was no answer in time. */
export class SilenceError extends Error {
  override readonly name = 'SilenceError';

  constructor() {
    super('the database did not answer in time');
  }
}

/** Bounds the time that something takes. */
export interface TimeOuts {
  /**
   * @returns the result of `work`, if it comes within so many milliseconds. What comes later is dropped.
   * @throws {SilenceError} it did not come.
   */
  bound<Result>(work: Promise<Result>, milliseconds: number): Promise<Result>;
}

interface Bounded {
  readonly until: number;
  giveUp(): void;
}

/** @returns time-outs that share a timer, which does not keep the process alive. */
export function createTimeOuts(): TimeOuts {
  const open = new Set<Bounded>();
  let timer: NodeJS.Timeout | undefined;
  let firesAt = Number.POSITIVE_INFINITY;

  const fireAt = (until: number) => {
    if (until >= firesAt) return;
    clearTimeout(timer);
    firesAt = until;
    timer = setTimeout(check, until - performance.now()).unref();
  };
  const check = () => {
    firesAt = Number.POSITIVE_INFINITY;
    const now = performance.now();
    for (const bounded of open) {
      if (bounded.until <= now) bounded.giveUp();
      else fireAt(bounded.until);
    }
  };

  return {
    bound: (work, milliseconds) =>
      new Promise((resolve, reject) => {
        const bounded: Bounded = {
          until: performance.now() + milliseconds,
          giveUp() {
            open.delete(bounded);
            reject(new SilenceError());
          },
        };
        open.add(bounded);
        fireAt(bounded.until);
        work.then(
          (result) => {
            open.delete(bounded);
            resolve(result);
          },
          (error) => {
            open.delete(bounded);
            reject(error);
          },
        );
      }),
  };
}
