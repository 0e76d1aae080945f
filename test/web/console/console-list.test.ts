/** One list: the console's router, the rows of its table test and those of its benchmark. */

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { consolePrefix } from '../../../src/web/console/console-page.ts';
import { consolePages } from '../../../src/web/console/console-pages.ts';
import { consoleRoutes } from '../../../src/web/console/console-routes.ts';
import { benchedPages } from '../../bench/console-pages.ts';
import { startSmallServer } from '../small-server.ts';
import { consoleRows } from './console-rows.ts';

const addresses = consolePages.map(({ method, path }) => `${method} ${path}`).sort();

test('there are pages, each once', () => {
  expect(addresses.length).toBeGreaterThan(2);
  expect(new Set(addresses).size).toBe(addresses.length);
});

test('the router serves exactly the pages of the list', async () => {
  let served: string[] = [];
  const server = await startSmallServer((site) => {
    const setting: unknown = { ...site, key: Buffer.alloc(32) };
    const router = consoleRoutes(setting as Parameters<typeof consoleRoutes>[0]);
    served = router.stack.map(
      ({ methods, path }) => `${methods.at(-1)} ${String(path).slice(consolePrefix.length)}`,
    );
  });
  await server.close();
  expect(served.sort()).toEqual(addresses);
});

test('no other router has addresses inside an organization', () => {
  const root = join(import.meta.dirname, '../../../src');
  const files = globSync('{web,demo,ops}/**/*.ts', { cwd: root });
  const routed = files.filter((file) =>
    /\.(?:get|post)\(\s*[`'"]\/organizations\//.test(readFileSync(join(root, file), 'utf8')),
  );
  expect(routed).toEqual([]);
});

test('the table of who may open which page has a row for each', () => {
  expect(Object.keys(consoleRows).sort()).toEqual(addresses);
});

test('the benchmark opens every page', () => {
  const ids = Object.fromEntries(
    consolePages.flatMap(({ path }) => Array.from(path.matchAll(/:(\w+)/g), ([, id]) => [id, 'x'])),
  );
  const opened = benchedPages({ ...ids, slug: 'x' });
  const looked = consolePages.filter(({ method }) => method === 'GET');
  expect(new Set(opened.map(({ page }) => page))).toEqual(new Set(looked));
});
