/** Statements are bounded by one timer, each by its own time. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTimeOuts, SilenceError } from '../../src/storage/engine/time-outs.ts';

const never = new Promise<never>(() => {});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('what is there in time is the result, and so is a failure', async () => {
  const { bound } = createTimeOuts();
  await expect(bound(Promise.resolve('rows'), 1_000)).resolves.toBe('rows');
  const failure = new Error('no such table');
  await expect(bound(Promise.reject(failure), 1_000)).rejects.toBe(failure);
});

test('each has its own time: a short one is not held up by longer ones that began before', async () => {
  const { bound } = createTimeOuts();
  const silent: string[] = [];
  for (const [name, milliseconds] of Object.entries({ long: 9_000, short: 3_500, middle: 5_000 })) {
    bound(never, milliseconds).catch((error) => {
      expect(error).toBeInstanceOf(SilenceError);
      silent.push(name);
    });
  }
  await vi.advanceTimersByTimeAsync(3_499);
  expect(silent).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(silent).toEqual(['short']);
  await vi.advanceTimersByTimeAsync(1_500);
  expect(silent).toEqual(['short', 'middle']);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(silent).toEqual(['short', 'middle', 'long']);
});

test('what begins while the timer runs, and after it has fired, is bounded too', async () => {
  const { bound } = createTimeOuts();
  const silent: number[] = [];
  const begin = (number: number) => void bound(never, 1_000).catch(() => silent.push(number));
  begin(1);
  await vi.advanceTimersByTimeAsync(400);
  begin(2);
  await vi.advanceTimersByTimeAsync(600);
  expect(silent).toEqual([1]);
  await vi.advanceTimersByTimeAsync(400);
  expect(silent).toEqual([1, 2]);
  begin(3);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(silent).toEqual([1, 2, 3]);
});
