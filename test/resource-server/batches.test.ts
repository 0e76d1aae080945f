/** Questions travel together, but none gets an answer that began before it was asked. */

import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createBatches } from '../../src/resource-server/batches.ts';

/** A line on which every batch waits until the test answers it. */
function openLine({ maximumInFlight = 10, maximumInBatch = 10 } = {}) {
  const asked: (readonly string[])[] = [];
  const answers: ((answer: readonly string[]) => void)[] = [];
  const ask = createBatches<string, string>({
    keyOf: (question) => question,
    ask: (questions) => {
      asked.push(questions);
      const { promise, resolve } = Promise.withResolvers<readonly string[]>();
      answers.push(resolve);
      return promise;
    },
    timeoutMilliseconds: 60_000,
    maximumInFlight,
    maximumInBatch,
  });
  return { ask, asked, answers };
}

test('questions of one turn go together, each once, and each gets its answer', async () => {
  const { ask, asked, answers } = openLine();
  const all = Promise.all(['a', 'b', 'a', 'b', 'a'].map(ask));
  await nextTurn();
  expect(asked).toEqual([['a', 'b']]);
  answers[0]?.(['A', 'B']);
  expect(await all).toEqual(['A', 'B', 'A', 'B', 'A']);
});

test('a question never joins one that is on its way', async () => {
  const { ask, asked, answers } = openLine();
  const early = ask('a');
  await nextTurn();
  const late = ask('a');
  await nextTurn();
  expect(asked).toEqual([['a'], ['a']]);
  answers[1]?.(['new']);
  answers[0]?.(['old']);
  expect([await early, await late]).toEqual(['old', 'new']);
});

test('a batch has an end, and only so many are on their way', async () => {
  const { ask, asked, answers } = openLine({ maximumInFlight: 2, maximumInBatch: 2 });
  const all = Promise.all(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'e'].map(ask));
  await nextTurn();
  expect(asked).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
  answers[1]?.(['C', 'D']);
  await nextTurn();
  expect(asked.slice(2)).toEqual([['e', 'f']]);
  answers[2]?.(['E', 'F']);
  await nextTurn();
  expect(asked.slice(3)).toEqual([['g']]);
  answers[0]?.(['A', 'B']);
  answers[3]?.(['G']);
  expect(await all).toEqual(['A', 'B', 'C', 'D', 'E', 'F', 'G', 'E']);
});

test('waiting counts: behind questions that hang, all time out, and the line is free again', async () => {
  let hangs = true;
  const ask = createBatches<string, string>({
    keyOf: (question) => question,
    ask: async (questions, signal) => {
      if (hangs) await once(signal, 'abort').then(() => signal.throwIfAborted());
      return questions;
    },
    timeoutMilliseconds: 20,
    maximumInFlight: 1,
    maximumInBatch: 1,
  });
  const outcomes = await Promise.allSettled(['a', 'b', 'c'].map(ask));
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(outcomes[2]).toMatchObject({ reason: { code: 'timeout' } });
  hangs = false;
  await expect.poll(() => ask('d').catch(() => undefined)).toBe('d');
});

test('a failure is told to all that asked, and kept for nobody', async () => {
  let asks = 0;
  const ask = createBatches<string, string>({
    keyOf: (question) => question,
    ask: async (questions) => {
      asks += 1;
      if (asks === 1) throw new Error('broken');
      return questions.map((question) => question.toUpperCase());
    },
    timeoutMilliseconds: 60_000,
    maximumInFlight: 1,
    maximumInBatch: 10,
  });
  const outcomes = await Promise.allSettled([ask('a'), ask('b'), ask('a')]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(await ask('a')).toBe('A');
});
