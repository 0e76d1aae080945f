/**
 * An address is exactly what a route says, or it is no address: no other case, no slash at the end,
 * nothing doubled or encoded. Otherwise a check and a route see two different paths.
 */

import { describe, expect, test } from 'vitest';
import { basePath } from '../../src/api/management/base-path.ts';
import { routes as managementRoutes } from '../../src/api/management/routes.ts';
import { dataHeadersOf, securityHeadersOf } from '../../src/web/page/security-headers.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { startLoggedServer } from '../support/logged-server.ts';
import { sendRaw } from '../support/raw-http.ts';

const server = forAllTests(startLoggedServer);

const secret = 'Secret-0123456789-abcdefghijklmnop';

/** One address of every router, the library's too; `:x` is a value. */
const addresses: readonly [method: string, path: string][] = [
  ['GET', '/healthz'],
  ['GET', '/readyz'],
  ['GET', '/assets/usher.css'],
  ['GET', '/account'],
  ['POST', '/account/password'],
  ['GET', '/account/applications'],
  ['GET', '/account/connections'],
  ['POST', `/account/applications/own/${secret}/edit/redirect-uris`],
  ['GET', `/sign-in/provider/${secret}`],
  ['GET', `/sign-in/provider/${secret}/callback`],
  ['GET', '/sign-in/provider/acme/signed-out'],
  ['POST', '/sign-in/provider/acme/backchannel-logout'],
  ['GET', '/sign-in/hand-off'],
  ['GET', '/sign-in/hand-off/finish'],
  ['GET', '/sign-in'],
  ['POST', '/sign-in'],
  ['GET', '/sign-out'],
  ['GET', '/scopes'],
  ['GET', '/scopes.json'],
  ['GET', '/demo'],
  ['POST', '/demo/api/organizations/acme'],
  ['GET', `/invitations/${secret}`],
  ['POST', `/invitations/${secret}/sign-up`],
  ['GET', `/interaction/${secret}/sign-in`],
  ['GET', `/interaction/${secret}/consent`],
  ['GET', '/oauth/authorize'],
  ['GET', `/oauth/authorize/${secret}`],
  ['POST', '/oauth/token'],
  ['POST', '/oauth/introspect'],
  ['POST', '/oauth/revoke'],
  ['POST', '/oauth/par'],
  ['GET', '/oauth/userinfo'],
  ['GET', '/oauth/jwks'],
  ['POST', '/oauth/register'],
  ['GET', `/oauth/register/${secret}`],
  ['GET', '/.well-known/oauth-authorization-server'],
  ['GET', '/.well-known/openid-configuration'],
  ['GET', '/.well-known/authzen-configuration'],
  ['POST', '/access/v1/evaluation'],
  ['POST', '/access/v1/introspections'],
  ['GET', '/api/openapi.json'],
  ['GET', '/api/docs'],
  ...managementRoutes.map(({ address }): [string, string] => {
    const [method = '', path = ''] = address.split(' ');
    return [method, basePath + path.replaceAll(/\{\w+\}/g, secret)];
  }),
];

/** Ways to write an address that some routers take for the same. */
const otherWays: readonly [name: string, change: (path: string) => string][] = [
  ['a slash at the end', (path) => `${path}/`],
  ['a slash doubled at the start', (path) => `/${path}`],
  ['a slash doubled in it', (path) => path.replace(/\/([^/]*)$/, '//$1')],
  ['upper case', (path) => path.replace(/^\/[^/]+/, (first) => first.toUpperCase())],
  ['a letter encoded', (path) => path.replace(/^\/([a-z.])/, (_all, c) => `/%${hexOf(c)}`)],
  ['its first slash encoded', (path) => path.replace(/^\//, '/%2F')],
  ['a dot segment', (path) => `/.${path}`],
  ['a segment left again', (path) => `/oauth/..${path}`],
  ['a parameter of a segment', (path) => path.replace(/^(\/[^/]+)/, '$1;x=1')],
  ['a backslash', (path) => path.replace(/^\//, '/\\')],
  ['a fragment', (path) => `${path}#x`],
];

function hexOf(letter: string): string {
  return letter.charCodeAt(0).toString(16);
}

function ask(method: string, path: string, accept = 'application/json') {
  const length = method === 'GET' ? [] : ['Content-Length: 0'];
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: x', `Accept: ${accept}`, ...length];
  return sendRaw(server.issuer, lines);
}

describe.each(otherWays)('%s', (_name, change) => {
  test('is answered as nothing by every route', async () => {
    for (const [method, path] of addresses) {
      const { status, text, body } = await ask(method, change(path));
      expect([400, 404], `${method} ${change(path)}`).toContain(status);
      expect(text).not.toMatch(/^(location|set-cookie):/im);
      expect(text).toMatch(/^cache-control: no-store/im);
      expect(JSON.parse(body)).toEqual(
        expect.objectContaining(
          body.includes('"type"') ? { status: 404 } : { error: expect.any(String) },
        ),
      );
      const { 'X-Frame-Options': frames } = securityHeadersOf(server.issuer);
      expect(text).toContain(`X-Frame-Options: ${frames}`);
      expect(text).toContain(`X-Content-Type-Options: nosniff`);
    }
  });
});

test('a route itself is not answered as nothing for the way that it is written', async () => {
  for (const [method, path] of addresses.filter(([, path]) => !path.includes(secret))) {
    const { status } = await ask(method, path);
    expect(status, `${method} ${path}`).not.toBe(404);
  }
});

test.each([
  ['PROPFIND', '/oauth/nothing', 404],
  ['PROPFIND', '/nothing', 404],
  ['PROPFIND', '/account', 405],
  ['DELETE', '/account', 405],
  ['DELETE', '/oauth/register', 405],
])('%s %s is %i', async (method, path, status) => {
  const answer = await ask(method, path);
  expect(answer.status).toBe(status);
  expect(/^allow: /im.test(answer.text)).toBe(status === 405);
});

describe('the shape of the error is that of where the address is', () => {
  test.each([
    ['GET', '/api/v1/user/', 'application/problem+json', /"status":404/],
    ['GET', '/api/v1/User', 'application/problem+json', /"status":404/],
    ['GET', '/api/v1/', 'application/problem+json', /"status":404/],
    ['GET', '/API/v1', 'text/html', /<h1/],
    ['POST', '/access/v1/evaluation/', 'application/json', /"error":"invalid_request"/],
    ['GET', '/oauth/Authorize', 'text/html', /<h1/],
    ['GET', '/INVITATIONS/x', 'text/html', /<h1/],
  ])('%s %s: %s', async (method, path, type, body) => {
    const answer = await ask(method, path, 'text/html');
    expect(answer.status).toBe(404);
    expect(answer.text).toMatch(new RegExp(`^content-type: ${type.replace('+', '\\+')}`, 'im'));
    expect(answer.body).toMatch(body);
  });
});

test('a form is made by no other writing of the authorization endpoint', async () => {
  for (const path of ['/oauth/authorize/', '/oauth/Authorize', '/oauth//authorize']) {
    const { body } = await ask('GET', `${path}?response_mode=form_post&client_id=x`, 'text/html');
    expect(body).not.toContain('<form');
  }
});

describe('the log', () => {
  test('has the pattern of the route, and never what stood in the address', async () => {
    for (const [method, path] of addresses) await ask(method, `${path}?code=${secret}`);
    for (const [, change] of otherWays) await ask('GET', change(`/invitations/${secret}`));
    await expect.poll(() => server.lines().length).toBeGreaterThan(addresses.length);
    expect(server.written()).not.toContain(secret);
    expect(server.written()).not.toContain(secret.toUpperCase());
    const routes = new Set(server.lines().map(({ route }) => route));
    for (const route of [
      '/invitations/:token',
      '/interaction/:uid/consent',
      '/oauth/authorize/:uid',
      '/oauth/register/:clientId',
      '/oauth/token',
      '/access/v1/evaluation',
      'none',
    ]) {
      expect(routes).toContain(route);
    }
  });
});

describe('a head that can be read in two ways is refused', () => {
  const host = 'Host: x';
  test.each<[name: string, lines: string[]]>([
    ['two Host lines', ['GET /healthz HTTP/1.1', host, 'Host: evil.test']],
    ['two Host lines that agree', ['GET /healthz HTTP/1.1', host, 'hOST: x']],
    ['two Host lines at introspection', ['POST /oauth/introspect HTTP/1.1', host, host]],
    [
      'HTTP/1.0 with Transfer-Encoding',
      ['POST /oauth/token HTTP/1.0', host, 'Transfer-Encoding: chunked'],
    ],
    [
      'HTTP/1.0 with Transfer-Encoding at introspection',
      ['POST /oauth/introspect HTTP/1.0', host, 'Transfer-Encoding: chunked'],
    ],
    ['a fragment', ['GET /healthz#x HTTP/1.1', host]],
    ['a backslash', ['GET /healthz\\x HTTP/1.1', host]],
  ])('%s: 400, and the connection ends', async (_name, lines) => {
    const { status, text, body } = await sendRaw(server.issuer, lines);
    expect(status).toBe(400);
    expect(text).toMatch(/^connection: close/im);
    for (const [name, value] of Object.entries(dataHeadersOf(server.issuer))) {
      expect(text).toContain(`${name}: ${value}`);
    }
    expect(JSON.parse(body)).toMatchObject({ error: 'invalid_request' });
  });

  test('what follows on the same connection is not read', async () => {
    const smuggled = ['GET /readyz HTTP/1.1', host, '', ''].join('\r\n');
    const { text } = await sendRaw(
      server.issuer,
      ['POST /oauth/token HTTP/1.0', host, 'Connection: keep-alive', 'Transfer-Encoding: chunked'],
      `0\r\n\r\n${smuggled}`,
    );
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });

  test('HTTP/1.0 without it, and one Host line, are answered', async () => {
    expect((await sendRaw(server.issuer, ['GET /healthz HTTP/1.0'])).status).toBe(200);
    expect((await sendRaw(server.issuer, ['GET /healthz HTTP/1.1', host])).status).toBe(200);
  });
});
