/** The arithmetic behind the figures of the benchmark. */

import { describe, expect, test } from 'vitest';
import { median } from './measure.ts';
import { readOptions, UsageError } from './options.ts';
import { parseStat } from './processor-time.ts';
import { selfTimes } from './profile.ts';

test.each([
  ['an odd number', [9, 1, 5], 5],
  ['an even number', [4, 1, 3, 2], 2.5],
  ['one', [7], 7],
])('the median of %s of values', (_how, values, middle) => {
  expect(median(values)).toBe(middle);
});

test('processor time is read behind a name that holds spaces and parentheses', () => {
  const text = '42 (a (odd) name) S 7 42 42 0 -1 0 1 2 3 4 150 50 20 10 20 0 1 0 99 0 0';
  expect(parseStat(text)).toEqual({ parent: 7, ownTicks: 200, endedTicks: 30 });
});

test('self time is added up by function, without the idle time', () => {
  const frame = (functionName: string) => ({ functionName, url: '', lineNumber: 0 });
  const profile = {
    nodes: ['read', '(idle)', 'write', 'read'].map((name, id) => ({ id, callFrame: frame(name) })),
    samples: [0, 1, 2, 3],
    timeDeltas: [20, 900, 10, 10],
  };
  expect(selfTimes(profile)).toEqual([
    { place: 'read', share: 0.75 },
    { place: 'write', share: 0.25 },
  ]);
});

describe('the command line', () => {
  test('has defaults', () => {
    expect(readOptions([])).toMatchObject({ command: 'table', connections: 32, tokens: 10_000 });
  });

  test('understands thousands and millions', () => {
    const options = readOptions(['grow', '--sizes', '10k,1m', '--only', 'limit,limit+pg']);
    expect(options).toMatchObject({
      command: 'grow',
      sizes: [10_000, 1_000_000],
      only: ['limit', 'limit+pg'],
    });
  });

  test.each([[['grow']], [['--grow']]])('compares sizes when asked %j', (args) => {
    const sizes = [10_000, 1_000_000, 10_000_000];
    expect(readOptions(args)).toMatchObject({ command: 'grow', sizes });
  });

  test('fills one size when asked for it', () => {
    expect(readOptions(['--tokens', '1m'])).toMatchObject({ command: 'table', tokens: 1_000_000 });
  });

  test.each([[['race']], [['--rounds', '0']], [['--sizes', '10x']], [['--fast']]])(
    'refuses %j',
    (args) => {
      expect(() => readOptions(args)).toThrow(UsageError);
    },
  );
});
