/** Work in pieces: short work is done in one go, and long work lets others in between. */

import { expect, test } from 'vitest';
import { createPauses, mapWithPauses } from '../../src/lib/pauses.ts';

test('work of less than 10 ms has no pause', () => {
  let now = 0;
  const pause = createPauses(() => now);
  for (now = 0; now < 10; now++) expect(pause()).toBeUndefined();
});

test('longer work pauses each 10 ms, and others have their turn meanwhile', async () => {
  let now = 0;
  let turns = 0;
  const pause = createPauses(() => now);
  for (let piece = 0; piece < 100; piece++) {
    now += 1;
    const due = pause();
    if (due === undefined) continue;
    setImmediate(() => turns++);
    await due;
    await new Promise(setImmediate);
  }
  expect(turns).toBe(10);
});

test('a list that takes long is worked through with pauses, in its order', async () => {
  let now = 0;
  let turns = 0;
  const work = (item: number) => {
    now += 1;
    return 2 * item;
  };
  const pause = createPauses(() => now);
  const counted = () => {
    const due = pause();
    if (due !== undefined) turns++;
    return due;
  };
  const items = Array.from({ length: 1_000 }, (_, n) => n);
  expect(await mapWithPauses(items, work, counted)).toEqual(items.map((n) => 2 * n));
  expect(turns).toBe(100);
});
