/** RFC 8414, Authorization Server Metadata: the issuer's own address, whatever the request says. */

import { describe, expect, test } from 'vitest';
import { oidcScopes, scopeNames } from '../../src/catalogue/scopes.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { authorizationRequest, demoApp } from '../support/oauth.ts';
import { sendRaw } from '../support/raw-http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const addresses = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'];
const server = forAllTests(startTestServer);

// biome-ignore lint/suspicious/noExplicitAny: JSON that each test reads as what it expects
async function metadata(of: TestServer = server, address = addresses[0]): Promise<any> {
  const response = await fetch(`${of.issuer}${address}`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('application/json');
  return response.json();
}

describe('section 2, metadata', () => {
  test('is the same at both addresses', async () => {
    expect(await metadata(server, addresses[1])).toEqual(await metadata());
  });

  test('the issuer is the configured one, and every endpoint is on it', async () => {
    const document = await metadata();
    expect(document.issuer).toBe(server.issuer);
    const endpoints = Object.entries<string>(document).filter(([name]) =>
      /_(endpoint|uri)$/.test(name),
    );
    expect(endpoints.map(([name]) => name).toSorted()).toEqual([
      'authorization_endpoint',
      'end_session_endpoint',
      'introspection_endpoint',
      'jwks_uri',
      'pushed_authorization_request_endpoint',
      'registration_endpoint',
      'revocation_endpoint',
      'token_endpoint',
      'userinfo_endpoint',
    ]);
    for (const [, url] of endpoints) expect(url.startsWith(`${server.issuer}/oauth/`)).toBe(true);
  });

  test('says what Usher does, and no more', async () => {
    expect(await metadata()).toMatchObject({
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
      code_challenge_methods_supported: ['S256'],
      ui_locales_supported: ['en', 'de'],
      token_endpoint_auth_methods_supported: [
        'client_secret_basic',
        'client_secret_post',
        'private_key_jwt',
        'none',
      ],
      introspection_endpoint_auth_methods_supported: [
        'client_secret_basic',
        'client_secret_post',
        'private_key_jwt',
      ],
      authorization_response_iss_parameter_supported: true,
      request_uri_parameter_supported: false,
      claims_parameter_supported: false,
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256', 'ES256'],
    });
  });

  test('lists every scope once: the catalogue and OpenID', async () => {
    const { scopes_supported: supported } = await metadata();
    expect(scopeNames).toHaveLength(73);
    expect(supported.toSorted()).toEqual([...oidcScopes, ...scopeNames].toSorted());
  });

  test('names no registration endpoint when applications cannot register themselves', async () => {
    const closed = await startTestServer({ DYNAMIC_REGISTRATION: 'off' });
    expect(await metadata(closed)).not.toHaveProperty('registration_endpoint');
    await closed.close();
  });

  test('the key set has public keys only, each with its own id', async () => {
    const { jwks_uri: uri } = await metadata();
    const { keys } = (await (await fetch(uri)).json()) as { keys: Record<string, string>[] };
    expect(keys.length).toBeGreaterThan(0);
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length);
    for (const key of keys) {
      expect(key).toMatchObject({ use: 'sig' });
      for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi'])
        expect(key).not.toHaveProperty(secret);
    }
    expect(keys.map(({ kty, alg }) => [kty, alg]).toSorted()).toEqual([
      ['EC', 'ES256'],
      ['RSA', 'RS256'],
    ]);
  });
});

describe('section 3.3, the issuer is compared: no header and no request line moves it', () => {
  const evil = [
    ['Host', ['Host: evil.test']],
    ['Host with a port', ['Host: localhost:1']],
    ['no Host at all, HTTP/1.0', []],
    ['X-Forwarded-Host', ['Host: HOST', 'X-Forwarded-Host: evil.test']],
    ['X-Forwarded-Proto', ['Host: HOST', 'X-Forwarded-Proto: https']],
    ['X-Forwarded-Port', ['Host: HOST', 'X-Forwarded-Port: 1']],
    ['Forwarded', ['Host: HOST', 'Forwarded: host=evil.test;proto=https']],
    ['X-Original-URL', ['Host: HOST', 'X-Original-URL: /evil', 'X-Rewrite-URL: /evil']],
  ] as const;

  test.each(evil)('metadata with %s', async (name, lines) => {
    const version = name.includes('1.0') ? '1.0' : '1.1';
    for (const address of addresses) {
      const { status, body } = await request(`GET ${address} HTTP/${version}`, lines);
      expect(status).toBe(200);
      expect(body).toContain(`"token_endpoint":"${server.issuer}/oauth/token"`);
      expect(body).not.toMatch(/evil|https:/);
    }
  });

  test.each(['http://evil.test', 'https://evil.test:1', 'HTTP://EVIL.TEST'])(
    'metadata with the request line in absolute form, of %s',
    async (origin) => {
      const { status, body } = await request(`GET ${origin}${addresses[0]} HTTP/1.1`, ['Host: x']);
      expect(status).toBe(200);
      expect(body).toContain(`"issuer":"${server.issuer}"`);
      expect(body).not.toMatch(/evil/i);
    },
  );

  test.each([
    `//evil.test${addresses[0]}`,
    '//evil.test/oauth/authorize',
    '/\\evil.test',
    '*',
    'x',
  ])('a request for %j leads nowhere else', async (target) => {
    const { status, text } = await request(`GET ${target} HTTP/1.1`, ['Host: HOST']);
    expect([400, 404]).toContain(status);
    expect(text).not.toMatch(/^location:/im);
  });

  test.each(evil)('an authorization request with %s goes to our own pages', async (name, lines) => {
    const { pathname, search } = new URL(authorizationRequest(server, demoApp, 'openid').url);
    const version = name.includes('1.0') ? '1.0' : '1.1';
    const { status, text } = await request(`GET ${pathname}${search} HTTP/${version}`, lines);
    expect(status).toBe(303);
    expect(text).toMatch(/^location: \/interaction\//im);
    expect(text).not.toMatch(/evil/);
  });

  test.each(evil)('what an interaction returns to, with %s', async (_name, lines) => {
    const { pathname, search } = new URL(authorizationRequest(server, demoApp, 'openid').url);
    const { text } = await request(
      `GET ${pathname}${search} HTTP/1.1`,
      lines.length ? lines : ['Host: x'],
    );
    const uid = /^location: \/interaction\/([^/\r]+)/im.exec(text)?.[1];
    const cookies = Array.from(text.matchAll(/^set-cookie: ([^;]+)/gim), (hit) => hit[1]);
    const page = await request(`GET /interaction/${uid}/sign-in HTTP/1.1`, [
      ...(lines.length ? lines : ['Host: x']),
      `Cookie: ${cookies.join('; ')}`,
    ]);
    expect(page.status).toBe(200);
    expect(page.text).not.toMatch(/evil/);
  });

  function request(line: string, headers: readonly string[]) {
    const { host } = new URL(server.issuer);
    return sendRaw(server.issuer, [line, ...headers.map((text) => text.replace('HOST', host))]);
  }
});
