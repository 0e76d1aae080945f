/**
 * Runs the removal of expired rows now and then, for as long as the process lives.
 *
 * @module
 */

import type { Logger } from 'pino';
import type { Db } from '../storage/database.ts';
import { sweepExpired } from '../storage/expired-rows.ts';

const pauseMilliseconds = { full: 200, idle: 60_000 };

/** Starts sweeping. @returns a function that stops it and waits for the batch at hand. */
export function startSweeper(db: Db, logger: Logger): () => Promise<void> {
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
      plan((await sweepExpired(db)) ? pauseMilliseconds.full : pauseMilliseconds.idle);
    } catch (error) {
      logger.warn({ reason: (error as Error).message }, 'expired rows could not be removed');
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
