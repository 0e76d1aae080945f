/** So many tasks at once and no more, in order, and none is stuck behind a failure. */

import { expect, test } from 'vitest';
import { limitConcurrency } from '../../src/lib/concurrency-limit.ts';

test('no more than so many at once, in order', async () => {
  const limited = limitConcurrency(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const work = (n: number) =>
    limited(async () => {
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

test('work that fails lets the next one begin', async () => {
  const limited = limitConcurrency(1);
  const failing = limited(() => Promise.reject(new RangeError('no')));
  const next = limited(async () => 'done');
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('done');
  expect(await limited(async () => 'again')).toBe('again');
});
