/**
 * Runs the removal of what is over now and then, for as long as the process lives.
 *
 * @module
 */

import type { Logger } from 'pino';

const pauseMilliseconds = { full: 200, idle: 60_000 };

/** Removes one small batch. @returns whether there is more: come back soon. */
export type Sweep = () => Promise<boolean>;

/**
 * Starts sweeping.
 *
 * @param onSwept hears how each batch went.
 * @returns a function that stops it and waits for the batch at hand.
 */
export function startSweeper(
  sweeps: readonly Sweep[],
  logger: Logger,
  onSwept: (isDone: boolean) => void = () => {},
): () => Promise<void> {
  let timer: NodeJS.Timeout;
  let running: Promise<void> = Promise.resolve();
  let isStopped = false;

  const plan = (milliseconds: number) => {
    if (isStopped) return;
    timer = setTimeout(() => {
      running = sweep();
    }, milliseconds);
    timer.unref();
  };
  const sweep = async () => {
    try {
      let isMore = false;
      for (const sweepBatch of sweeps) isMore = (await sweepBatch()) || isMore;
      onSwept(true);
      plan(isMore ? pauseMilliseconds.full : pauseMilliseconds.idle);
    } catch (error) {
      onSwept(false);
      logger.warn({ reason: (error as Error).message }, 'what is over could not be removed');
      plan(pauseMilliseconds.idle);
    }
  };

  plan(pauseMilliseconds.idle);
  return async () => {
    isStopped = true;
    clearTimeout(timer);
    await running;
  };
}
