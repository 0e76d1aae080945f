/** Every failure is told in words that help, and none of them tells what is inside. */

import Router from '@koa/router';
import { describe, expect, test } from 'vitest';
import { DatabaseUnavailableError, TooBusyError } from '../../src/lib/errors.ts';
import { renderOAuthError } from '../../src/web/page/error-pages.ts';
import { PageError, SignedOutError } from '../../src/web/page/page-error.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { startSmallServer } from './small-server.ts';

const server = forAllTests(() =>
  startSmallServer(({ app, renderPage, messagesOf }) => {
    const router = new Router()
      .get('/throttled', () => {
        throw new PageError(429, {
          what: 'error.429-what',
          next: 'password-form.wait',
          values: { minutes: 2 },
          headers: { 'Retry-After': '60' },
        });
      })
      .get('/over', () => {
        const texts = { what: 'error.consent-over', next: 'error.consent-over-next' };
        throw new PageError(404, { ...texts, title: 'error.oauth-title' });
      })
      .get('/signed-out', () => {
        throw new SignedOutError();
      })
      .get('/unavailable', () => {
        throw new DatabaseUnavailableError();
      })
      .get('/busy', () => {
        throw new TooBusyError('too many hashes');
      })
      .get('/broken', () => {
        throw new Error('select secret from accounts');
      })
      .get('/thrown', (ctx) => ctx.throw(403, 'inner words'))
      .get('/oauth', (ctx) => {
        ctx.status = 400;
        const error = ctx.URL.searchParams.get('error') ?? 'invalid_request';
        const out = { error, error_description: '<script>x</script>' };
        renderOAuthError({ renderPage, messagesOf }, ctx, out);
      });
    app.use(router.routes()).use(router.allowedMethods());
  }),
);

function get(path: string, accept: string, method = 'GET') {
  return fetch(server.issuer + path, { method, headers: { Accept: accept } });
}

describe('as a page', () => {
  test.each([
    ['/nothing', 404, 'Page not found'],
    ['/thrown', 403, 'You can’t do this'],
    ['/over', 404, '<h1>We can’t continue this request</h1>'],
    ['/signed-out', 403, '<a class="button" href="/sign-in">Sign in</a>'],
    ['/throttled', 429, 'Wait 2 minutes'],
    ['/unavailable', 503, 'isn’t responding'],
    ['/busy', 503, 'too busy'],
    ['/broken', 500, 'Something went wrong'],
  ])('%s is %i and says "%s"', async (path, status, words) => {
    const response = await get(path, 'text/html');
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const page = await response.text();
    expect(page).toContain(words);
    expect(page).not.toMatch(/secret|inner words|too many hashes|\bat .*\.ts/);
  });
});

describe('as JSON', () => {
  test.each([
    ['/nothing', 'not_found'],
    ['/thrown', 'forbidden'],
    ['/throttled', 'too_many_requests'],
    ['/unavailable', 'temporarily_unavailable'],
    ['/broken', 'server_error'],
  ])('%s is %s', async (path, error) => {
    const response = await get(path, 'application/json');
    expect(await response.json()).toMatchObject({ error });
    expect(response.headers.get('vary')).toBe('Accept');
  });
});

test('another method is 405 and names those that are allowed', async () => {
  const response = await get('/throttled', 'application/json', 'POST');
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toBe('HEAD, GET');
  expect(await response.json()).toMatchObject({ error: 'method_not_allowed' });
});

test.each([
  ['/throttled', '60'],
  ['/unavailable', '5'],
  ['/busy', '5'],
])('%s says when to come back', async (path, seconds) => {
  expect((await get(path, 'text/html')).headers.get('retry-after')).toBe(seconds);
});

test('a failure of ours is in the log under the id that the reader sees', async () => {
  const before = server.reported.length;
  const page = await (await get('/broken', 'text/html')).text();
  expect(server.reported).toHaveLength(before + 1);
  expect(page).toContain(`request-${before + 1}`);
});

test('an OAuth error shows its code and its reason, escaped', async () => {
  const page = await (await get('/oauth', 'text/html')).text();
  expect(page).toContain('<code>invalid_request</code>');
  expect(page).toContain('&lt;script&gt;x&lt;/script&gt;');
});

test.each([
  ['invalid_client', 'doesn’t know the app'],
  ['invalid_redirect_uri', 'so you stay here'],
  ['constructor', 'a request that we can’t follow'],
])('the OAuth error %s is told to whoever only followed a link', async (error, words) => {
  expect(await (await get(`/oauth?error=${error}`, 'text/html')).text()).toContain(words);
});
