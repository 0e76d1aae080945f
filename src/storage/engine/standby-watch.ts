/**
 * Whether commits wait for a synchronous standby that is away.
 *
 * Such a COMMIT waits without limit, and goes on waiting on the server when we give up on it. If each
 * new write joined the queue, their connections would use up all that the server has, and reads would
 * end with them. So after a write without an answer the server is asked, over a reading connection,
 * who waits; as long as somebody does, further writes are refused at once.
 *
 * @module
 */

import { DatabaseUnavailableError } from '../../lib/errors.ts';

/** The watch before the writing connections. */
export interface StandbyWatch {
  /** @throws {DatabaseUnavailableError} commits wait for a standby. */
  pass(): void;
  /** To be called when a write had no answer in time. */
  suspect(): void;
  stop(): void;
}

/** Commits of this role that wait for longer than replication takes, however slow it is. */
export const waitingCommits = `
  select count(*)::int as count from pg_stat_activity
   where datname = current_database() and usename = current_user
     and wait_event = 'SyncRep' and clock_timestamp() - query_start > interval '2 seconds'`;

const pauseMilliseconds = 1_000;

/** @param count how many commits wait now; it rejects when the server cannot be asked. */
export function watchStandby(count: () => Promise<number>): StandbyWatch {
  let isAway = false;
  let timer: NodeJS.Timeout | undefined;

  const look = async () => {
    isAway = await count().then(
      (waiting) => waiting > 0,
      () => false, // who cannot be asked keeps nobody waiting either
    );
    timer = isAway ? setTimeout(look, pauseMilliseconds).unref() : undefined;
  };

  return {
    pass() {
      if (isAway) throw new DatabaseUnavailableError({ cause: new Error(reason) });
    },
    suspect() {
      if (timer !== undefined) return;
      timer = setTimeout(look, 0);
    },
    stop() {
      clearTimeout(timer);
      isAway = false;
    },
  };
}

const reason = 'commits wait for a synchronous standby that is away';
