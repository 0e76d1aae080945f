/** config/abuse-list.md names tests that are there, and no row of its list twice. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const list = readFileSync(join(root, 'config/abuse-list.md'), 'utf8');
const rows = list.split('\n').filter((line) => /^\| \d/.test(line));
const named = new Set(rows.flatMap((row) => row.match(/(?<=`)(?:[\w-]+\/)+[\w.-]+(?=`)/g) ?? []));

test('the list has rows, and each says by which test or why there is none', () => {
  expect(rows.length).toBeGreaterThan(120);
  for (const row of rows) expect(row).toMatch(/`(?:[\w-]+\/)+[\w.-]+`|no test: /);
});

test('no number stands twice', () => {
  const numbers = rows.flatMap(
    (row) =>
      row
        .split('|')[1]
        ?.match(/^ (\d+)(?:, (\d+))*/)?.[0]
        ?.match(/\d+/g) ?? [],
  );
  expect(numbers.filter((number, place) => numbers.indexOf(number) !== place)).toEqual([]);
});

describe('a named test is there', () => {
  test.each([...named])('%s', (name) => {
    expect(existsSync(join(root, 'test', `${name}.test.ts`))).toBe(true);
  });
});
