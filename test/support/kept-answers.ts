/** Takes the place of `src/introspection/plain-answers.ts` in the build of `cached-build.ts`. */

import type { PlainAnswer } from '../../src/introspection/fast-path.ts';
import { plainAnswers as freshAnswers } from '../../src/introspection/plain-answers.ts';
import type { PlainRequest } from '../../src/introspection/plain-request.ts';
import type { Batcher } from '../../src/lib/batcher.ts';
import type { Database } from '../../src/storage/engine/database.ts';

export { probe } from '../../src/introspection/plain-answers.ts';

const keptMilliseconds = 1_000;

/** Answers as Usher does, and the same again to the same question within a second. */
export function plainAnswers(
  database: Database,
  issuer: string,
): Batcher<PlainRequest, PlainAnswer> {
  const ask = freshAnswers(database, issuer);
  const kept = new Map<string, { answer: Promise<PlainAnswer>; until: number }>();
  const answerOrKeep = (request: PlainRequest) => {
    const key = JSON.stringify(request);
    const known = kept.get(key);
    if (known !== undefined && performance.now() < known.until) return known.answer;
    const answer = ask(request);
    kept.set(key, { answer, until: performance.now() + keptMilliseconds });
    return answer;
  };
  return Object.assign(answerOrKeep, { load: ask.load });
}
