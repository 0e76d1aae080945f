/** Files stay small enough to be read as a whole. */

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../src');
const mostLines = 300;

test(`no file of src has more than ${mostLines} lines`, () => {
  const sizes = globSync('**/*.ts', { cwd: root }).map((file) => {
    const lines = readFileSync(join(root, file), 'utf8').split('\n').length - 1;
    return { file, lines };
  });
  expect(sizes.length).toBeGreaterThan(0);
  expect(sizes.filter(({ lines }) => lines > mostLines)).toEqual([]);
});
