/** Work in turns: so many at once and no more, in order, and none is stuck behind a failure. */

import { expect, test } from 'vitest';
import { createTurns } from '../../src/lib/turns.ts';

test('no more than so many at once, in order', async () => {
  const inTurn = createTurns(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const work = (n: number) =>
    inTurn(async () => {
      begun.push(n);
      await new Promise<void>((resolve) => ends.push(resolve));
      return 10 * n;
    });
  const all = [1, 2, 3, 4].map(work);
  await new Promise(setImmediate);
  expect(begun).toEqual([1, 2]);
  ends[1]?.();
  expect(await all[1]).toBe(20);
  await new Promise(setImmediate);
  expect(begun).toEqual([1, 2, 3]);
  for (const end of ends) end();
  await new Promise(setImmediate);
  ends[3]?.();
  expect(await Promise.all(all)).toEqual([10, 20, 30, 40]);
});

test('work that fails gives its turn on', async () => {
  const inTurn = createTurns(1);
  const failing = inTurn(() => Promise.reject(new RangeError('no')));
  const next = inTurn(async () => 'done');
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('done');
  expect(await inTurn(async () => 'again')).toBe('again');
});
