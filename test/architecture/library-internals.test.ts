/** What oidc-provider does not offer in public is reached in one file, and nowhere else. */

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const room = join(import.meta.dirname, '../../src/provider');
const seam = 'library-internals.ts';

/** Casts past the declared types, and ways to replace what the library calls. */
const inside =
  /\bas (?:unknown as|any|never)\b|\.prototype\b|\bgetPrototypeOf\(|\bdefinePropert(?:y|ies)\(|\bReflect\.(?:set|defineProperty)\(|\bprovider\.\w+\.\w+ = /;

const files = globSync('**/*.ts', { cwd: room });

test('the guard sees the room, and what it looks for where it is allowed', () => {
  expect(files).toContain(seam);
  expect(inside.test(readFileSync(join(room, seam), 'utf8'))).toBe(true);
});

test.each(files.filter((file) => file !== seam))('%s keeps to the public library', (file) => {
  const lines = readFileSync(join(room, file), 'utf8').split('\n');
  expect(lines.filter((line) => inside.test(line))).toEqual([]);
});

test('nobody outside of the room reaches through it', () => {
  const root = join(room, '..');
  const others = globSync('**/*.ts', { cwd: root }).filter((file) => !file.startsWith('provider/'));
  const reaching = others.filter((file) =>
    readFileSync(join(root, file), 'utf8').includes(`provider/${seam}`),
  );
  expect(reaching).toEqual([]);
});
