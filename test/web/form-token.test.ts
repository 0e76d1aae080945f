/** RFC 9700 section 4.7: a form counts only from our own page, in the browser that got it. */

import { randomBytes } from 'node:crypto';
import Router from '@koa/router';
import { describe, expect, test } from 'vitest';
import { createFormTokens, refuseCrossSite } from '../../src/web/page/form-token.ts';
import { readForm } from '../../src/web/page/read-form.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { startSmallServer } from './small-server.ts';

const server = forAllTests(() =>
  startSmallServer(({ app, issuer }) => {
    const tokens = createFormTokens({ key: randomBytes(32), issuer });
    const binding = ({ purpose = '', accountId }: Record<string, string>) => ({
      purpose,
      accountId,
    });
    const router = new Router()
      .get('/form/:purpose/:accountId', (ctx) => {
        ctx.body = tokens.issue(ctx, binding(ctx.params));
      })
      .post('/form/:purpose/:accountId', async (ctx) => {
        tokens.check(ctx, binding(ctx.params), (await readForm(ctx)).get('token'));
        ctx.body = 'done';
      });
    app.use(refuseCrossSite({ issuer })).use(router.routes());
  }),
);

async function open(path: string) {
  const response = await fetch(server.issuer + path);
  const cookie = response.headers.get('set-cookie') ?? '';
  return { token: await response.text(), cookie };
}

function send(path: string, token: string, headers: Record<string, string>) {
  return fetch(server.issuer + path, {
    method: 'POST',
    headers,
    body: new URLSearchParams({ token }),
  });
}

async function statusOf(path: string, token: string, headers: Record<string, string>) {
  return (await send(path, token, headers)).status;
}

const path = '/form/consent/ada';

test('the token of the page is taken', async () => {
  const { token, cookie } = await open(path);
  expect(await statusOf(path, token, { cookie })).toBe(200);
});

test('the browser cookie is out of reach of scripts and of other sites', async () => {
  const { cookie } = await open(path);
  expect(cookie).toMatch(/^usher_browser=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
});

test('behind https the cookie is secure and for this host alone', async () => {
  const site = await startSmallServer(({ app }) => {
    const tokens = createFormTokens({ key: randomBytes(32), issuer: 'https://auth.test' });
    app.use((ctx) => {
      ctx.body = tokens.issue(ctx, { purpose: 'x' });
    });
  });
  const cookie = (await fetch(site.issuer)).headers.get('set-cookie');
  await site.close();
  expect(cookie).toMatch(/^__Host-usher_browser=.*; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
});

test('a browser keeps its id from page to page', async () => {
  const { cookie } = await open(path);
  const again = await fetch(server.issuer + path, { headers: { cookie } });
  expect(again.headers.get('set-cookie')).toBeNull();
});

describe('refused with 403', () => {
  test('no token, a short one, and a foreign one', async () => {
    const { cookie } = await open(path);
    for (const token of [
      '',
      'AAAA',
      ...[32, 48].map((n) => randomBytes(n).toString('base64url')),
    ]) {
      expect(await statusOf(path, token, { cookie })).toBe(403);
    }
  });

  test('no cookie, and a cookie that is not an id', async () => {
    const { token } = await open(path);
    expect(await statusOf(path, token, {})).toBe(403);
    expect(await statusOf(path, token, { cookie: 'usher_browser=x' })).toBe(403);
  });

  test('the token of another form, of another account, of another browser', async () => {
    const { token, cookie } = await open(path);
    expect(await statusOf('/form/sign-out/ada', token, { cookie })).toBe(403);
    expect(await statusOf('/form/consent/bob', token, { cookie })).toBe(403);
    const other = await open(path);
    expect(await statusOf(path, token, { cookie: other.cookie })).toBe(403);
  });

  test.each([
    ['another origin', { origin: 'https://evil.test' }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a sibling host', { 'sec-fetch-site': 'same-site' }],
  ])('a right token sent by %s', async (_who, header) => {
    const { token, cookie } = await open(path);
    const response = await send(path, token, { cookie, ...(header as Record<string, string>) });
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('This form is out of date');
  });
});

test.each([
  ['our own origin', (issuer: string) => ({ origin: issuer, 'sec-fetch-site': 'same-origin' })],
  ['a page without referrer', () => ({ origin: 'null', 'sec-fetch-site': 'same-origin' })],
])('%s is let in', async (_who, headersOf) => {
  const { token, cookie } = await open(path);
  const headers = { cookie, ...headersOf(server.issuer) };
  expect(await statusOf(path, token, headers)).toBe(200);
});
