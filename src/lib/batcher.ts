/**
 * Questions that arrive together are answered together.
 *
 * While a statement is in flight, new questions wait; when it is back, all that wait go into the
 * next one. So an answer always comes from a statement that started after its question arrived, a
 * lone question waits for nobody, and under load one statement serves many: beside one in flight the
 * next begins only with at least half as many questions, since each costs as much as ten questions do.
 *
 * Where the database refuses a batch, each of its questions is asked alone: one that cannot be
 * answered fails nobody else's.
 *
 * @module
 */

import { DatabaseUnavailableError } from './errors.ts';

/** How much goes on at once. */
export interface BatchLimits {
  /** Statements that may be in flight. */
  readonly inFlight: number;
  /** Questions in one statement. */
  readonly size: number;
}

/** Asks one question; it rejects when that cannot be answered. */
export interface Batcher<Question, Answer> {
  (question: Question): Promise<Answer>;
  /** How many statements are in flight, and how many questions wait for one. */
  load(): { readonly running: number; readonly waiting: number };
}

interface Waiting<Question, Answer> {
  readonly question: Question;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * @param answer answers many questions from one snapshot, in their order; all, or it rejects and has
 *   done nothing.
 */
export function createBatcher<Question, Answer>(
  answer: (questions: readonly Question[]) => Promise<readonly Answer[]>,
  limits: BatchLimits,
): Batcher<Question, Answer> {
  const waiting: Waiting<Question, Answer>[] = [];
  const inFlight = new Set<readonly unknown[]>();
  let isPlanned = false;

  const run = async (batch: readonly Waiting<Question, Answer>[]) => {
    inFlight.add(batch);
    try {
      const answers = await answer(batch.map(({ question }) => question));
      for (const [at, { resolve }] of batch.entries()) resolve(answers[at] as Answer);
    } catch (error) {
      if (batch.length === 1 || error instanceof DatabaseUnavailableError) {
        for (const { reject } of batch) reject(error);
      } else {
        for (const one of batch) await run([one]);
      }
    } finally {
      inFlight.delete(batch);
      start();
    }
  };

  const start = () => {
    while (isDue(waiting.length, inFlight, limits)) {
      void run(waiting.splice(0, limits.size));
    }
  };

  /** Requests that were read in one turn of the event loop belong together. */
  const plan = () => {
    if (isPlanned) return;
    isPlanned = true;
    setImmediate(() => {
      isPlanned = false;
      start();
    });
  };

  const ask = (question: Question) =>
    new Promise<Answer>((resolve, reject) => {
      waiting.push({ question, resolve, reject });
      plan();
    });
  return Object.assign(ask, { load: () => ({ running: inFlight.size, waiting: waiting.length }) });
}

/** Whether so many that wait make a statement of their own, beside those in flight. */
function isDue(
  waiting: number,
  inFlight: ReadonlySet<readonly unknown[]>,
  limits: BatchLimits,
): boolean {
  let asked = 0;
  for (const { length } of inFlight) asked += length;
  return waiting > 0 && inFlight.size < limits.inFlight && 2 * waiting >= asked;
}
