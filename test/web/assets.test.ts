/** The files of views/assets, and nothing beside them. */

import { expect, test } from 'vitest';
import { assetRoutes } from '../../src/web/page/assets.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { startSmallServer } from './small-server.ts';

const server = forAllTests(() => startSmallServer(({ app }) => app.use(assetRoutes().routes())));

test.each([
  ['usher.css', 'text/css; charset=utf-8'],
  ['usher.svg', 'image/svg+xml'],
])('%s is served as %s with a strong ETag', async (name, type) => {
  const response = await fetch(`${server.issuer}/assets/${name}`);
  expect(response.headers.get('content-type')).toBe(type);
  expect(response.headers.get('etag')).toMatch(/^"[\w-]{43}"$/);
});

test('an unchanged file is not sent again', async () => {
  const url = `${server.issuer}/assets/usher.css`;
  const etag = (await fetch(url)).headers.get('etag') ?? '';
  const ask = (tag: string) =>
    fetch(url, { headers: { 'If-None-Match': tag, 'Cache-Control': 'max-age=0' } });
  expect((await ask(etag)).status).toBe(304);
  expect((await ask('"other"')).status).toBe(200);
});

test.each(['nothing.css', '..%2flayout.ejs', '%2e%2e%2flayout.ejs', '__proto__', 'toString'])(
  '%s is not found',
  async (name) => {
    expect((await fetch(`${server.issuer}/assets/${name}`)).status).toBe(404);
  },
);
