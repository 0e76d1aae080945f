/** Identical questions are asked once, but none gets an answer that began before it was asked. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { coalesce } from '../../src/resource-server/coalesce.ts';

/** A line on which every question waits until the test answers it. */
function openLine({ maximumInFlight = 10, timeoutMilliseconds = 60_000 } = {}) {
  const asked: string[] = [];
  const answers: ((answer: string) => void)[] = [];
  const ask = coalesce<string, string>({
    keyOf: (question) => question,
    ask: (question, signal) => {
      asked.push(question);
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      answers.push(resolve);
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener('abort', () => reject(signal.reason));
      return promise;
    },
    timeoutMilliseconds,
    maximumInFlight,
  });
  return { ask, asked, answers };
}

test('questions of one turn are asked once each, and each gets its answer', async () => {
  const { ask, asked, answers } = openLine();
  const all = Promise.all([ask('a'), ask('b'), ask('a'), ask('b'), ask('a')]);
  await nextTurn();
  expect(asked).toEqual(['a', 'b']);
  answers[1]?.('answer b');
  answers[0]?.('answer a');
  expect(await all).toEqual(['answer a', 'answer b', 'answer a', 'answer b', 'answer a']);
});

test('a question never joins one that is on its way', async () => {
  const { ask, asked, answers } = openLine();
  const early = ask('a');
  await nextTurn();
  const late = ask('a');
  await nextTurn();
  expect(asked).toEqual(['a', 'a']);
  answers[1]?.('new');
  answers[0]?.('old');
  expect([await early, await late]).toEqual(['old', 'new']);
});

test('only so many are on their way; those that wait are asked in their order, and once', async () => {
  const { ask, asked, answers } = openLine({ maximumInFlight: 2 });
  const all = Promise.all(['a', 'b', 'c', 'd', 'c'].map(ask));
  await nextTurn();
  expect(asked).toEqual(['a', 'b']);
  answers[0]?.('A');
  await nextTurn();
  expect(asked).toEqual(['a', 'b', 'c']);
  answers[1]?.('B');
  answers[2]?.('C');
  await nextTurn();
  answers[3]?.('D');
  expect(await all).toEqual(['A', 'B', 'C', 'D', 'C']);
});

test('waiting counts: behind questions that hang, all time out and the line is free again', async () => {
  const { ask, asked, answers } = openLine({ maximumInFlight: 1, timeoutMilliseconds: 20 });
  const outcomes = await Promise.allSettled([ask('a'), ask('b'), ask('c')]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  const next = ask('d');
  await nextTurn();
  answers[asked.indexOf('d')]?.('D');
  expect(await next).toBe('D');
});

test('a failure is told to all that asked, and kept for nobody', async () => {
  let asks = 0;
  const ask = coalesce<string, string>({
    keyOf: (question) => question,
    ask: async () => {
      asks += 1;
      if (asks === 1) throw new Error('broken');
      return 'whole';
    },
    timeoutMilliseconds: 60_000,
    maximumInFlight: 1,
  });
  const outcomes = await Promise.allSettled([ask('a'), ask('a')]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await ask('a')).toBe('whole');
});
