/** Every class that a view gives an element has a rule in a stylesheet: none is left without its looks. */

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const views = join(import.meta.dirname, '../../views');

function read(pattern: string, except: readonly string[] = []): string {
  const files = globSync(pattern, { cwd: views, exclude: except });
  return files.map((file) => readFileSync(join(views, file), 'utf8')).join('\n');
}

/** Names that are whole: what is computed leaves its beginning, such as `badge-`. */
function classesIn(source: string): Set<string> {
  const values = source.matchAll(/class="([^"]*)"/g);
  const names = Array.from(values, ([, value = '']) =>
    value.replaceAll(/<%.*?%>/g, '').split(/\s+/),
  );
  return new Set(names.flat().filter((name) => /^[a-z][\w-]*\w$/.test(name)));
}

test('every class of a view is styled', () => {
  const styles = read('assets/**/*.css');
  const styled = new Set(Array.from(styles.matchAll(/\.([a-z][\w-]*)/g), ([, name]) => name));
  // A mail carries its styles itself.
  const used = classesIn(read('**/*.ejs', ['mail/**']));
  expect(used.size).toBeGreaterThan(50);
  expect([...used].filter((name) => !styled.has(name))).toEqual([]);
});

test('a tree of resources is laid out in its own stylesheet, not only animated', () => {
  expect(read('assets/demo.css')).toMatch(/\n\.node-head \{\s+display: flex;/);
});
