/**
 * Questions that are asked at the same time are asked once; only so many are on their way at once.
 *
 * A question joins an identical one that is still waiting, never one that was sent: its answer is
 * read after it was asked, so it never misses a right that was taken away before.
 *
 * @module
 */

/** What is to be coalesced. */
export interface Coalescing<Question, Answer> {
  /** Equal for questions that have one answer. */
  keyOf(question: Question): string;
  ask(question: Question, signal: AbortSignal): Promise<Answer>;
  /** From the moment of asking, waiting included. */
  readonly timeoutMilliseconds: number;
  readonly maximumInFlight: number;
}

interface Waiting<Question, Answer> {
  readonly question: Question;
  readonly signal: AbortSignal;
  readonly answer: PromiseWithResolvers<Answer>;
}

/** @returns the function to ask with; it rejects as `ask` does. */
export function coalesce<Question, Answer>({
  keyOf,
  ask,
  timeoutMilliseconds,
  maximumInFlight,
}: Coalescing<Question, Answer>): (question: Question) => Promise<Answer> {
  /** In the order of asking, so those on their way time out before those that wait. */
  const waiting = new Map<string, Waiting<Question, Answer>>();
  let inFlight = 0;

  function sendWaiting(): void {
    for (const [key, next] of waiting) {
      if (inFlight >= maximumInFlight) return;
      waiting.delete(key);
      inFlight += 1;
      void send(next);
    }
  }

  async function send({ question, signal, answer }: Waiting<Question, Answer>): Promise<void> {
    try {
      answer.resolve(await ask(question, signal));
    } catch (error) {
      answer.reject(error);
    } finally {
      inFlight -= 1;
      sendWaiting();
    }
  }

  return (question) => {
    const key = keyOf(question);
    const identical = waiting.get(key);
    if (identical !== undefined) return identical.answer.promise;

    const answer = Promise.withResolvers<Answer>();
    const signal = AbortSignal.timeout(timeoutMilliseconds);
    waiting.set(key, { question, signal, answer });
    // After all requests that have come in by now were read.
    if (waiting.size === 1) setImmediate(sendWaiting);
    return answer.promise;
  };
}
