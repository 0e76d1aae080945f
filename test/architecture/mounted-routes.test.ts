/** Routes that are written are served: each maker of routes is called by what puts the site together. */

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const source = join(import.meta.dirname, '../../src');

test('every maker of routes is used outside of its own file', () => {
  const files = globSync('**/*.ts', { cwd: source }).map((file) =>
    readFileSync(join(source, file), 'utf8'),
  );
  const makers = files.flatMap((text) =>
    Array.from(
      text.matchAll(/^export (?:async )?function (\w+Routes)\(/gm),
      ([, name = '']) => name,
    ),
  );
  expect(makers.length).toBeGreaterThan(20);
  const isCalled = (name: string) =>
    files.some((text) => new RegExp(`(?<!function )\\b${name}\\(`).test(text));
  expect(makers.filter((name) => !isCalled(name))).toEqual([]);
});
