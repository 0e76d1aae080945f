/**
 * Questions that are asked at the same time are sent together, identical ones once.
 *
 * A question joins what is still waiting, never what was sent: its answer is read after it was
 * asked, so it never misses a right that was taken away before.
 *
 * @module
 */

import { ResourceServerError } from './errors.ts';

/** How questions are put together and sent. */
export interface Batching<Question, Answer> {
  /** Equal for questions that have one answer. */
  keyOf(question: Question): string;
  /** Answers all, in the same order, or fails for all. */
  ask(questions: readonly Question[], signal: AbortSignal): Promise<readonly Answer[]>;
  /** For one question from the moment of asking, waiting included. */
  readonly timeoutMilliseconds: number;
  readonly maximumInFlight: number;
  readonly maximumInBatch: number;
}

interface Waiting<Question, Answer> {
  readonly question: Question;
  readonly answer: Deferred<Answer>;
}

/** Node 20 has no `Promise.withResolvers`. */
interface Deferred<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
}

function deferred<Value>(): Deferred<Value> {
  const settle: Partial<Deferred<Value>> = {};
  const promise = new Promise<Value>((resolve, reject) =>
    Object.assign(settle, { resolve, reject }),
  );
  return { promise, ...settle } as Deferred<Value>;
}

/**
 * @returns the function to ask one question with; it rejects as `ask` does, or with a
 *   ResourceServerError `timeout`.
 */
export function createBatches<Question, Answer>(
  batching: Batching<Question, Answer>,
): (question: Question) => Promise<Answer> {
  /** In the order of asking. */
  const waiting: Queue<Question, Answer> = new Map();
  let inFlight = 0;

  function sendWaiting(): void {
    while (inFlight < batching.maximumInFlight && waiting.size > 0) {
      inFlight += 1;
      void send(batching, takeBatch(waiting, batching.maximumInBatch)).then(sent);
    }
  }

  function sent(): void {
    inFlight -= 1;
    sendWaiting();
  }

  return (question) => {
    const key = batching.keyOf(question);
    const identical = waiting.get(key);
    if (identical !== undefined) return identical.answer.promise;
    // Sent after all requests that have come in by now were read.
    if (waiting.size === 0) setImmediate(sendWaiting);
    return wait(waiting, key, question, batching.timeoutMilliseconds);
  };
}

type Queue<Question, Answer> = Map<string, Waiting<Question, Answer>>;

function takeBatch<Question, Answer>(
  waiting: Queue<Question, Answer>,
  size: number,
): Waiting<Question, Answer>[] {
  const batch: Waiting<Question, Answer>[] = [];
  for (const [key, each] of waiting) {
    if (batch.length === size) break;
    waiting.delete(key);
    batch.push(each);
  }
  return batch;
}

/** Never fails: each question of the batch does. */
async function send<Question, Answer>(
  { ask, timeoutMilliseconds }: Batching<Question, Answer>,
  batch: readonly Waiting<Question, Answer>[],
): Promise<void> {
  try {
    const questions = batch.map(({ question }) => question);
    const answers = await ask(questions, AbortSignal.timeout(timeoutMilliseconds));
    for (const [position, { answer }] of batch.entries())
      answer.resolve(answers[position] as Answer);
  } catch (error) {
    for (const { answer } of batch) answer.reject(error);
  }
}

function wait<Question, Answer>(
  waiting: Queue<Question, Answer>,
  key: string,
  question: Question,
  timeoutMilliseconds: number,
): Promise<Answer> {
  const answer = deferred<Answer>();
  waiting.set(key, { question, answer });
  const timer = setTimeout(() => {
    if (waiting.get(key)?.answer === answer) waiting.delete(key);
    answer.reject(new ResourceServerError('timeout', 'Usher did not answer in time'));
  }, timeoutMilliseconds);
  const done = () => clearTimeout(timer);
  answer.promise.then(done, done);
  return answer.promise;
}
