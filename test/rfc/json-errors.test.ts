/**
 * RFC 6749 section 5.2 and those that follow it: the endpoints for programs answer JSON, whatever a
 * client says that it would like. A browser's endpoint answers a page.
 */

import { describe, expect, test } from 'vitest';
import { forAllTests } from '../support/for-all-tests.ts';
import { demoApi, demoApp, type TestClient } from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';

const server = forAllTests(startTestServer);

const accepts = {
  java: 'text/html, image/gif, image/jpeg, */*; q=0.2',
  browser: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  xml: 'application/xml',
  nothing: '',
};

const form = 'application/x-www-form-urlencoded';
const basic = ({ id, secret }: TestClient) =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

interface Case {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

async function send(path: string, { method = 'POST', headers, body }: Case, accept: string) {
  const init = { method, headers: { accept, ...headers }, ...(body === undefined ? {} : { body }) };
  const response = await fetch(`${server.issuer}${path}`, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text };
}

function expectJsonError({ status, headers, text }: Awaited<ReturnType<typeof send>>): void {
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
  expect(headers.get('content-type')).toMatch(/^application\/json/);
  expect(JSON.parse(text)).toMatchObject({
    error: expect.stringMatching(/^[a-z_]+$/),
    error_description: expect.any(String),
  });
}

const forms = [
  '/oauth/token',
  '/oauth/introspect',
  '/oauth/revoke',
  '/oauth/par',
  '/oauth/device_authorization',
];
const authorization = basic(demoApp);
const posts: [what: string, request: Case][] = [
  ['nothing', {}],
  ['no credentials', { headers: { 'content-type': form }, body: 'token=x' }],
  ['wrong credentials', { headers: { authorization: basic({ ...demoApp, secret: 'x' }) } }],
  ['credentials that are none', { headers: { authorization: 'Basic %' } }],
  ['too little', { headers: { authorization, 'content-type': form }, body: 'scope=x' }],
  ['another content type', { headers: { authorization, 'content-type': 'text/csv' }, body: 'a' }],
  [
    'too much',
    { headers: { authorization, 'content-type': form }, body: `token=${'x'.repeat(70_000)}` },
  ],
  ['another method', { method: 'GET' }],
  ['a method that it never takes', { method: 'PATCH' }],
];

describe.each(Object.entries(accepts))('to a client that accepts as %s', (_who, accept) => {
  test.each(forms.flatMap((path) => posts.map(([what, request]) => ({ path, what, request }))))(
    '$path answers JSON to $what',
    async ({ path, request }) => {
      expectJsonError(await send(path, request, accept));
    },
  );

  test.each<[path: string, request: Case]>([
    ['/oauth/userinfo', { method: 'GET' }],
    ['/oauth/userinfo', { method: 'GET', headers: { authorization: 'Bearer usher_at_x' } }],
    ['/oauth/userinfo', { method: 'DELETE' }],
    ['/oauth/register', { method: 'GET' }],
    ['/oauth/register', { headers: { 'content-type': 'application/json' }, body: '{' }],
    ['/oauth/register', { headers: { 'content-type': 'application/json' }, body: '{}' }],
    ['/oauth/register', { headers: { 'content-type': 'text/plain' }, body: '{}' }],
    [
      '/oauth/register',
      {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ client_name: 'x'.repeat(20_000) }),
      },
    ],
    ['/oauth/register/app_none', { method: 'GET' }],
    ['/oauth/register/app_none', { method: 'PATCH' }],
    ['/oauth/jwks', { method: 'POST' }],
    ['/oauth/nothing', { method: 'GET' }],
    ['/.well-known/openid-configuration', { method: 'PUT' }],
    ['/.well-known/nothing', { method: 'GET' }],
    ['/access/v1/nothing', { method: 'GET' }],
  ])('%s answers JSON to %j', async (path, request) => {
    expectJsonError(await send(path, request, accept));
  });

  test('a revocation that went well is an object with nothing in it', async () => {
    const request = { headers: { authorization, 'content-type': form }, body: 'token=usher_at_x' };
    const { status, headers, text } = await send('/oauth/revoke', request, accept);
    expect({ status, text }).toEqual({ status: 200, text: '{}' });
    expect(headers.get('content-type')).toMatch(/^application\/json/);
  });

  test('introspection answers what it answers to everyone', async () => {
    const body = 'token=usher_at_x';
    const headers = { authorization: basic(demoApi), 'content-type': form };
    const { status, text } = await send('/oauth/introspect', { headers, body }, accept);
    expect({ status, text }).toEqual({ status: 200, text: '{"active":false}' });
  });
});

describe('RFC 9110 section 15.5.6, a method that an endpoint does not take', () => {
  test.each([
    ['GET', '/oauth/token', 'POST, OPTIONS'],
    ['PUT', '/oauth/introspect', 'POST, OPTIONS'],
    ['GET', '/oauth/revoke', 'POST, OPTIONS'],
    ['DELETE', '/oauth/par', 'POST, OPTIONS'],
    ['PUT', '/oauth/userinfo', 'GET, HEAD, OPTIONS, POST'],
    ['POST', '/oauth/jwks', 'GET, HEAD, OPTIONS'],
    ['POST', '/.well-known/oauth-authorization-server', 'GET, HEAD, OPTIONS'],
  ])('%s at %s is 405, and says what is taken', async (method, path, allow) => {
    const { status, headers } = await send(path, { method }, '*/*');
    expect({ status, allow: headers.get('allow') }).toEqual({ status: 405, allow });
  });
});

test('the authorization endpoint answers a page to a browser', async () => {
  const { headers } = await send('/oauth/authorize', { method: 'GET' }, accepts.browser);
  expect(headers.get('content-type')).toContain('text/html');
});
