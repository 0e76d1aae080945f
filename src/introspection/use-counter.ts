/**
 * Counts, in memory, on which resources applications use what they were allowed, and writes it every few
 * seconds, apart from the answers.
 *
 *   an answer -> one step in a map -> every 5 s: the map -> one statement for each thousand
 *
 * The map is bounded: what comes beyond it is not counted until it is written. A process that ends
 * writes first; one that is killed loses what it has counted since it last wrote, and so does a
 * database that cannot be reached. Nothing is decided by these numbers.
 *
 * @module
 */

import { parseId } from '../lib/ids.ts';
import { addUses, type CountedUse } from '../storage/clients/application-uses.ts';
import type { Db } from '../storage/engine/database.ts';
import type { IntrospectionAnswer } from './answer.ts';

/** Counts uses for as long as a process lives. */
export interface UseCounter {
  /** Counts an answer to somebody else than the application itself, where it gave something. */
  note(answer: IntrospectionAnswer, askerId: string): void;
  /** Writes what was counted. */
  flush(): Promise<void>;
  /** Writes what was counted, and counts no more. */
  stop(): Promise<void>;
}

const everyMs = 5_000;
const inOneStatement = 1_000;

/** @param most so many different uses are kept until they are written. */
export function createUseCounter(
  db: Db,
  onFailure: (error: unknown) => void,
  most = 50_000,
): UseCounter {
  let counted = new Map<string, number>();
  let writing: Promise<void> = Promise.resolve();

  const write = async () => {
    const uses = Array.from(counted, toUse).filter((use) => use !== undefined);
    counted = new Map();
    for (let from = 0; from < uses.length; from += inOneStatement) {
      await addUses(db, uses.slice(from, from + inOneStatement)).catch(onFailure);
    }
  };
  const flush = () => {
    writing = writing.then(write);
    return writing;
  };
  const timer = setInterval(() => {
    if (counted.size > 0) void flush();
  }, everyMs);
  timer.unref();

  return {
    note(answer, askerId) {
      if (!answer.active || answer.resource === undefined || answer.client_id === askerId) return;
      if (answer.scope === undefined && answer.below === undefined) return;
      const key = `${answer.client_id} ${answer.sub} ${answer.resource.identifier}`;
      const before = counted.get(key);
      if (before !== undefined || counted.size < most) counted.set(key, (before ?? 0) + 1);
    },
    flush,
    stop() {
      clearInterval(timer);
      return flush();
    },
  };
}

/** Of a person's own account nothing is written: no organization is concerned. */
function toUse([key, uses]: [string, number]): CountedUse | undefined {
  const [clientId = '', sub = '', identifier = ''] = key.split(' ');
  const accountId = parseId('user', sub);
  const resourceId =
    parseId('branch', identifier) ??
    parseId('database', identifier) ??
    parseId('organization', identifier);
  if (accountId === undefined || resourceId === undefined) return undefined;
  return { accountId, clientId, resourceId, uses };
}
