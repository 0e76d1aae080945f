/** A test on the other catalogue has a process of its own, which it gets by its name. */

import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('files that import on-workbench.ts are named for it', () => {
  const files = globSync('test/**/*.test.ts');
  const importing = files.filter((file) =>
    /import '.*on-workbench\.ts'/.test(readFileSync(file, 'utf8')),
  );
  expect(importing).not.toEqual([]);
  expect(importing.filter((file) => !file.includes('.workbench.'))).toEqual([]);
});
