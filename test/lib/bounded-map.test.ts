/** A bounded map: what was not asked for the longest makes room. */

import { expect, test } from 'vitest';
import { createBoundedMap } from '../../src/lib/bounded-map.ts';

test('forgets what was not asked for the longest, and never holds more', () => {
  const map = createBoundedMap<number>(3);
  for (const [at, key] of ['a', 'b', 'c'].entries()) map.set(key, at);
  expect(map.get('a')).toBe(0);
  map.set('d', 3);
  expect(['a', 'b', 'c', 'd'].map((key) => map.get(key))).toEqual([0, undefined, 2, 3]);
  map.set('a', 9);
  expect([map.get('a'), map.size]).toEqual([9, 3]);
  for (let n = 0; n < 1_000; n++) map.set(`key ${n}`, n);
  expect([map.size, map.get('key 999'), map.get('a')]).toEqual([3, 999, undefined]);
});
