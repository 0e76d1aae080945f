/** RFC 9700 sections 4.2, 4.12 and 4.16, on Usher itself: what every answer carries, whoever gives it. */

import { beforeAll, describe, expect, test } from 'vitest';
import { dataHeadersOf } from '../../src/web/page/security-headers.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { authorizationRequest, consentTo, demoApp, signInFor } from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { enterPassword } from '../support/sign-in.ts';
import { createUserAgent, type UserAgent } from '../support/user-agent.ts';

const dba = 'dba@acme.test';
const scope = 'database:read_database';
const server = forAllTests(startTestServer);
const agent = forAllTests(() => createUserAgent(server.issuer));

beforeAll(async () => {
  await consentTo(server, demoApp, dba, scope, ['acme/shop']);
  await signInFor(agent, authorizationRequest(server, demoApp, scope).url, dba);
});

const cookieOf = ({ cookies }: UserAgent) => [...cookies].map((pair) => pair.join('=')).join('; ');

function send(method: string, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { accept: 'text/html', cookie: cookieOf(agent), ...init.headers };
  const { search } = new URL(authorizationRequest(server, demoApp, scope).url);
  return fetch(server.issuer + path.replace('?good', search), {
    method,
    redirect: 'manual',
    ...init,
    headers,
  });
}

/** Requests of every room: pages, endpoints and errors of each. */
const requests: [method: string, path: string, status: number][] = [
  ['GET', '/', 303],
  ['GET', '/account', 200],
  ['GET', '/account/applications', 200],
  ['GET', '/sign-in', 303],
  ['GET', '/sign-out', 200],
  ['POST', '/sign-out', 415],
  ['GET', '/scopes', 200],
  ['GET', '/scopes.json', 200],
  ['GET', '/demo', 200],
  ['GET', '/nothing', 404],
  ['GET', '/interaction/nothing', 404],
  ['GET', '/invitations/nothing', 404],
  ['GET', '/oauth/authorize?good', 303],
  ['GET', '/oauth/authorize', 400],
  ['GET', '/oauth/authorize/nothing', 400],
  ['POST', '/oauth/authorize', 415],
  ['POST', '/oauth/token', 400],
  ['POST', '/oauth/introspect', 401],
  ['POST', '/oauth/revoke', 400],
  ['POST', '/oauth/par', 400],
  ['POST', '/oauth/register', 415],
  ['GET', '/oauth/register/nothing', 401],
  ['GET', '/oauth/userinfo', 401],
  ['GET', '/oauth/jwks', 200],
  ['GET', '/oauth/nothing', 404],
  ['GET', '/oauth/session/end', 404],
  ['GET', '/oauth/end-session', 200],
  ['GET', '/oauth/end-session?client_id=nothing', 400],
  ['POST', '/oauth/end-session', 415],
  ['POST', '/sign-out/application', 415],
  ['GET', '/.well-known/oauth-authorization-server', 200],
  ['GET', '/.well-known/authzen-configuration', 200],
  ['POST', '/access/v1/evaluation', 401],
  ['GET', '/api/v1/organizations', 200],
  ['GET', '/api/openapi.json', 200],
  ['GET', '/api/docs', 200],
  ['GET', '/healthz', 200],
  ['GET', '/readyz', 200],
  ['GET', '/metrics', 404],
];

describe.each(requests)('%s %s', (method, path, status) => {
  test('may not be framed, says what it is, tells no other site where its reader came from', async () => {
    const response = await send(method, path);
    expect(response.status).toBe(status);
    const { headers } = response;
    expect(headers.get('content-security-policy')).toMatch(
      /default-src 'none'.*frame-ancestors 'none'/,
    );
    for (const name of ['Referrer-Policy', 'X-Content-Type-Options', 'X-Frame-Options']) {
      expect(headers.get(name), name).toBe(dataHeadersOf(server.issuer)[name]);
    }
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });

  test('is kept by nobody if it is a page, and holds nothing of another site', async () => {
    const response = await send(method, path);
    if (!response.headers.get('content-type')?.includes('text/html')) return;
    expect(response.headers.get('cache-control')).toContain('no-store');
    const fetched = (await response.text()).matchAll(
      /<(?:link|script|img|iframe)\b[^>]*(?:href|src)="([^"]*)"/g,
    );
    for (const [, address] of fetched) expect(address).toMatch(/^(\/(?!\/)|data:)/);
  });
});

test('an OAuth address that is none is JSON, and a page where browsers are sent', async () => {
  const program = await send('GET', '/oauth/nothing');
  expect(program.status).toBe(404);
  expect(await program.json()).toMatchObject({ error: 'not_found' });
  const page = await send('PUT', '/oauth/authorize');
  expect(page.status).toBe(405);
  expect(page.headers.get('content-type')).toContain('text/html');
});

test('what follows a form is 303, which takes no body along', async () => {
  const browser = createUserAgent(server.issuer);
  const page = await browser.get('/sign-in');
  const fields = new URLSearchParams([
    ['token', /name="token" value="([^"]*)"/.exec(page.html)?.[1] ?? ''],
    ['email', dba],
    ['password', 'usher-demo'],
  ]);
  const headers = { cookie: cookieOf(browser) };
  expect((await send('POST', '/sign-in', { body: fields, headers })).status).toBe(303);
});

test('no address of a whole flow holds a token, and none of an error but the error', async () => {
  const visited: string[] = [];
  const browser = createUserAgent(server.issuer);
  const page = await browser.get(authorizationRequest(server, demoApp, scope).url);
  visited.push(page.url);
  const back = await enterPassword(browser, page, dba);
  visited.push(back.url);
  expect(visited.join('\n')).not.toMatch(/usher_(at|rt|cs|rat)_/);
  expect([...new URL(back.url).searchParams.keys()]).toEqual(['code', 'state', 'iss']);
});

test('a foreign page is not let in by its preflight', async () => {
  for (const path of ['/oauth/token', '/api/v1/organizations', '/account']) {
    const { headers } = await send('OPTIONS', path, {
      headers: {
        origin: 'https://evil.test',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    });
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  }
});
