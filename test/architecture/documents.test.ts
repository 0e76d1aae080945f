/** What the documents point to is there: files of the walks, links, npm scripts. */

import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const documents = globSync(['*.md', 'config/**/*.md', 'src/**/*.md'], { cwd: root });

describe('the walks', () => {
  const walks = read('config/development.md')
    .split(/^\*\*(One .*)\*\*$/m)
    .slice(1);
  const lists = walks.flatMap((text, at) => (at % 2 === 1 ? [[walks[at - 1], text] as const] : []));

  test('there are four', () => {
    expect(lists).toHaveLength(4);
  });

  test.each(lists)('%s is at most ten files, all of them there', (_name, text) => {
    const files = Array.from(text.matchAll(/^\d+\. `([^`]+)`/gm), ([, file]) => file ?? '');
    expect(files.length).toBeGreaterThan(3);
    expect(files.length).toBeLessThanOrEqual(10);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});

describe.each(documents)('%s', (document) => {
  const text = read(document);

  test('links to files that are there', () => {
    const links = Array.from(text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g), ([, to]) => to);
    const missing = links.filter((to) => !existsSync(join(root, dirname(document), to ?? '')));
    expect(missing).toEqual([]);
  });

  test('names npm scripts that are there', () => {
    const { scripts } = JSON.parse(read('package.json'));
    const named = Array.from(
      text.matchAll(/`npm (?:run )?(?:--silent )?([a-z]+)/g),
      ([, name]) => name,
    );
    const builtIn = ['ci', 'install', 'pack', 'test', 'start'];
    expect(
      named.filter((name) => !Object.hasOwn(scripts, name ?? '') && !builtIn.includes(name ?? '')),
    ).toEqual([]);
  });
});
