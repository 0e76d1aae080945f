/** RFC 9700 sections 4.2 and 4.16: every response, whatever its status, may not be framed nor leak. */

import Router from '@koa/router';
import { expect, test } from 'vitest';
import { assetRoutes } from '../../src/web/page/assets.ts';
import { PageError } from '../../src/web/page/page-error.ts';
import { securityHeadersOf } from '../../src/web/page/security-headers.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { startSmallServer } from './small-server.ts';

const server = forAllTests(() =>
  startSmallServer(({ app, renderPage }) => {
    const router = new Router()
      .get('/page', (ctx) =>
        renderPage(ctx, 'error', { title: 'T', status: 1, what: '', next: '', details: [] }),
      )
      .get('/redirect', (ctx) => {
        ctx.redirect('/page');
        ctx.status = 303;
      })
      .get('/refused', () => {
        throw new PageError(429, {
          what: 'error.429-what',
          next: 'error.429-next',
          headers: { 'Retry-After': '9' },
        });
      })
      .get('/broken', () => {
        throw new Error('secret detail');
      });
    app.use(router.routes()).use(router.allowedMethods());
    const assets = assetRoutes();
    app.use(assets.routes());
  }),
);

test.each([
  ['GET', '/page', 200],
  ['HEAD', '/page', 200],
  ['GET', '/redirect', 303],
  ['GET', '/assets/usher.css', 200],
  ['GET', '/nothing', 404],
  ['POST', '/page', 405],
  ['GET', '/refused', 429],
  ['GET', '/broken', 500],
  ['GET', '/%ff', 404],
])('%s %s (%i) carries every header', async (method, path, status) => {
  const response = await fetch(server.issuer + path, { method, redirect: 'manual' });
  expect(response.status).toBe(status);
  for (const [name, value] of Object.entries(securityHeadersOf(server.issuer))) {
    expect(response.headers.get(name), name).toBe(value);
  }
});

test('304 carries every header', async () => {
  const first = await fetch(`${server.issuer}/assets/usher.css`);
  const again = await fetch(`${server.issuer}/assets/usher.css`, {
    headers: {
      'If-None-Match': first.headers.get('etag') ?? '',
      'Cache-Control': 'max-age=0',
    },
  });
  expect(again.status).toBe(304);
  expect(again.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
});

test('strict transport security is for https issuers alone', () => {
  expect(securityHeadersOf('https://auth.test')).toMatchObject({
    'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  });
  expect(securityHeadersOf('http://localhost:3000')).not.toHaveProperty(
    'Strict-Transport-Security',
  );
});
