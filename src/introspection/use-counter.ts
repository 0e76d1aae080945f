/**
 * Counts, in memory, on which resources applications use what they were allowed, and writes it every few
 * seconds, apart from the answers.
 *
 *   an answer -> one step in a map -> every 5 s, or at half the room: the map -> one statement for each thousand
 *
 * The room is bounded, and no application has more than a tenth of it: what comes beyond is not counted
 * until it is written. A process that ends writes first; one that is killed loses what it has counted since
 * it last wrote, and so does a database that cannot be reached. Nothing is decided by these numbers.
 *
 * @module
 */

import { parseId } from '../lib/ids.ts';
import { addUses, type CountedUse } from '../storage/clients/application-uses.ts';
import type { Db } from '../storage/engine/database.ts';
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

/** What is counted of one use until it is written. */
interface Count {
  uses: number;
}

/** By application, and of each by person and resource. */
type Counted = Map<string, Map<string, Count>>;

/** @param most so many different uses are kept until they are written, 10 or more. */
export function createUseCounter(
  db: Db,
  onFailure: (error: unknown) => void,
  most = 50_000,
): UseCounter {
  const mostOfOne = Math.ceil(most / 10);
  let counted: Counted = new Map();
  let kept = 0;
  let writing: Promise<void> = Promise.resolve();
  let isWriting = false;

  const write = async () => {
    const uses = toUses(counted);
    counted = new Map();
    kept = 0;
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
  const timer = setInterval(() => {
    if (kept > 0) void flush();
  }, everyMs);
  timer.unref();

  const count = ({ clientId, sub, identifier }: Use) => {
    const ofClient = counted.get(clientId);
    const key = `${sub} ${identifier}`;
    const known = ofClient?.get(key);
    if (known !== undefined) {
      known.uses++;
      return;
    }
    const room = ofClient ?? new Map<string, Count>();
    if (kept >= most || room.size >= mostOfOne) return;
    if (ofClient === undefined) counted.set(clientId, room);
    room.set(key, { uses: 1 });
    kept++;
    if (!isWriting && (kept * 2 > most || room.size * 2 > mostOfOne)) void flush();
  };

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

function toUses(counted: Counted): CountedUse[] {
  return Array.from(counted, ([clientId, ofClient]) =>
    Array.from(ofClient, ([key, count]) => toUse(clientId, key, count)),
  )
    .flat()
    .filter((use) => use !== undefined);
}

function toUse(clientId: string, key: string, { uses }: Count): CountedUse | undefined {
  const [sub = '', identifier = ''] = key.split(' ');
  const accountId = parseId('user', sub);
  const resourceId =
    parseId('branch', identifier) ??
    parseId('database', identifier) ??
    parseId('organization', identifier);
  if (accountId === undefined || resourceId === undefined) return undefined;
  return { accountId, clientId, resourceId, uses };
}
