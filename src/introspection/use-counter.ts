/**
 * Counts, in memory, on which resources applications use what they were allowed, and which scopes where that
 * is said, and writes it every few seconds, apart from the answers.
 *
 *   an answer -> one step in a map -> every 5 s, or at half the room: the map -> two statements for each thousand
 *
 * A process that ends writes first; one that is killed loses what it has counted since it last wrote, and so
 * does a database that cannot be reached. Nothing is decided by these numbers.
 *
 * @module
 */

import { addUses } from '../storage/clients/application-uses.ts';
import type { Db } from '../storage/engine/database.ts';
import { createCountedUses } from './counted-uses.ts';
import type { OnAnswered } from './introspect.ts';
import { eachUse, type Use } from './uses-in-answer.ts';

/** Counts uses for as long as a process lives. */
export interface UseCounter {
  /** Counts what an answer to somebody else than the application itself gave it. */
  readonly note: OnAnswered;
  /** Counts one use. */
  readonly count: (use: Use) => void;
  /** Writes what was counted. */
  flush(): Promise<void>;
  /** Writes what was counted, and counts no more. */
  stop(): Promise<void>;
}

const everyMs = 5_000;
const inOneStatement = 1_000;

/** @param most so many different uses are kept until they are written, 10 or more. */
export function createUseCounter(
  db: Db,
  onFailure: (error: unknown) => void,
  most = 50_000,
): UseCounter {
  const counted = createCountedUses(most);
  let writing: Promise<void> = Promise.resolve();
  let isWriting = false;

  const write = async () => {
    const uses = counted.take();
    for (let from = 0; from < uses.length; from += inOneStatement) {
      await addUses(db, uses.slice(from, from + inOneStatement)).catch(onFailure);
    }
    isWriting = false;
  };
  const flush = () => {
    isWriting = true;
    writing = writing.then(write);
    return writing;
  };
  const count = (use: Use) => {
    counted.add(use);
    if (counted.isFilling && !isWriting) void flush();
  };
  const timer = setInterval(() => {
    if (counted.size > 0) void flush();
  }, everyMs);
  timer.unref();

  return {
    note: (_clientId, answer, question) => eachUse(answer, question, count),
    count,
    flush,
    stop() {
      clearInterval(timer);
      return flush();
    },
  };
}
