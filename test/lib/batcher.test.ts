/** Questions that arrive together share a statement, and one that fails harms no other. */

import { expect, test } from 'vitest';
import { createBatcher } from '../../src/lib/batcher.ts';
import { DatabaseUnavailableError } from '../../src/lib/errors.ts';

/** Answers a number with its double, when told to; refuses batches with a 13 in them. */
function doubling({ inFlight, size }: { inFlight: number; size: number }) {
  const batches: number[][] = [];
  const waiting: (() => void)[] = [];
  const ask = createBatcher<number, number>(
    async (numbers) => {
      batches.push([...numbers]);
      await new Promise<void>((resolve) => waiting.push(resolve));
      if (numbers.includes(13)) throw new RangeError('13');
      if (numbers.includes(99)) throw new DatabaseUnavailableError();
      return numbers.map((n) => 2 * n);
    },
    { inFlight, size },
  );
  const answerAll = async () => {
    for (let quiet = 0; quiet < 3; quiet++) {
      await new Promise(setImmediate);
      if (waiting.length > 0) quiet = 0;
      waiting.shift()?.();
    }
  };
  return { ask, batches, answerAll };
}

test('what waits while a statement is in flight goes into the next one', async () => {
  const { ask, batches, answerAll } = doubling({ inFlight: 1, size: 3 });
  const first = ask(1);
  await new Promise(setImmediate);
  const others = [2, 3, 4, 5].map(ask);
  await answerAll();
  expect(await Promise.all([first, ...others])).toEqual([2, 4, 6, 8, 10]);
  expect(batches).toEqual([[1], [2, 3, 4], [5]]);
});

test('beside a statement in flight the next begins once half as many wait', async () => {
  const { ask, batches, answerAll } = doubling({ inFlight: 2, size: 10 });
  const first = [1, 2, 3, 4].map(ask);
  await new Promise(setImmediate);
  const alone = ask(5);
  await new Promise(setImmediate);
  expect(batches).toEqual([[1, 2, 3, 4]]);
  const beside = ask(6);
  await new Promise(setImmediate);
  expect(batches).toEqual([
    [1, 2, 3, 4],
    [5, 6],
  ]);
  await answerAll();
  expect(await Promise.all([...first, alone, beside])).toEqual([2, 4, 6, 8, 10, 12]);
});

test('few wait for the statement in flight, and no longer', async () => {
  const { ask, batches, answerAll } = doubling({ inFlight: 2, size: 10 });
  const first = [1, 2, 3, 4].map(ask);
  await new Promise(setImmediate);
  const alone = ask(5);
  await answerAll();
  expect(await Promise.all([...first, alone])).toEqual([2, 4, 6, 8, 10]);
  expect(batches).toEqual([[1, 2, 3, 4], [5]]);
});

test('one question in flight holds up no other', async () => {
  const { ask, batches, answerAll } = doubling({ inFlight: 2, size: 10 });
  const first = ask(1);
  await new Promise(setImmediate);
  const second = ask(2);
  await new Promise(setImmediate);
  expect(batches).toEqual([[1], [2]]);
  await answerAll();
  expect(await Promise.all([first, second])).toEqual([2, 4]);
});

test('a question that cannot be answered fails alone', async () => {
  const { ask, batches, answerAll } = doubling({ inFlight: 1, size: 10 });
  const asked = Promise.allSettled([1, 13, 3].map(ask));
  await answerAll();
  expect(await asked).toEqual([
    { status: 'fulfilled', value: 2 },
    { status: 'rejected', reason: new RangeError('13') },
    { status: 'fulfilled', value: 6 },
  ]);
  expect(batches).toEqual([[1, 13, 3], [1], [13], [3]]);
});

test('a database that is away is not asked again for each', async () => {
  const { ask, batches, answerAll } = doubling({ inFlight: 1, size: 10 });
  const asked = Promise.allSettled([1, 99, 3].map(ask));
  await answerAll();
  expect((await asked).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(batches).toEqual([[1, 99, 3]]);
});
