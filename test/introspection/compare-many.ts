/** Sends generated requests both ways and tells what was seen; throws at the first difference. */

import fc from 'fast-check';
import { expect } from 'vitest';
import { oddRequests } from './odd-requests.ts';
import type { OddWorld } from './odd-world.ts';
import type { createTwoWays, Sent } from './two-ways.ts';

/** Says that the comparison was one of answers of every kind. */
export interface Seen {
  requests: number;
  /** Requests that the fast path answered one way, and the library the other. */
  plain: number;
  /** Such as `200 active` or `401`. */
  readonly answers: Set<string>;
  readonly plainAnswers: Set<string>;
}

/** @throws {AssertionError} with the request that was answered differently, as small as may be. */
export async function compareMany(
  ways: ReturnType<typeof createTwoWays>,
  world: OddWorld,
  numRuns: number,
): Promise<Seen> {
  const seen: Seen = { requests: 0, plain: 0, answers: new Set(), plainAnswers: new Set() };
  const property = fc.asyncProperty(oddRequests(world), async (sent) => {
    const { fast, library, isPlain } = await ways.ask(sent);
    expect(fast, inWords(sent)).toEqual(library);
    const { active } = fast.json as { active?: boolean };
    const kind = { true: ' active', false: ' inactive', undefined: '' }[String(active)];
    seen.requests += 1;
    seen.answers.add(`${fast.status}${kind}`);
    if (!isPlain) return;
    seen.plain += 1;
    seen.plainAnswers.add(`${fast.status}${kind}`);
  });
  await fc.assert(property, { numRuns });
  return seen;
}

function inWords({ body, ...headers }: Sent): string {
  return JSON.stringify({ ...headers, body: body.toString('latin1') });
}
