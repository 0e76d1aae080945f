/**
 * RFC 6749 sections 3.1 and 3.1.2: how a request comes to the authorization endpoint, what a parameter
 * without a value means, and the redirect URI that the answer goes to.
 */

import { describe, expect, test } from 'vitest';
import { addClientSecret } from '../../src/storage/clients/client-secrets.ts';
import { findClient, saveClient } from '../../src/storage/clients/clients.ts';
import { authorize, expectErrorRedirect, visit } from '../support/authorize.ts';
import { consentedBrowser } from '../support/consented.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  authorizationRequest,
  consentTo,
  demoApi,
  demoApp,
  obtainCode,
  obtainTokens,
  post,
  readAnswer,
  redeem,
  refresh,
  type TestClient,
} from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';

const dba = 'dba@acme.test';
const scope = 'openid database:read_database';
const form = 'application/x-www-form-urlencoded';
const server = forAllTests(startTestServer);
const agent = forAllTests(() => consentedBrowser(server, demoApp, dba, scope, ['acme/shop']));

describe('section 3.1, a parameter without a value is as omitted', () => {
  test.each([
    'response_mode',
    'prompt',
    'max_age',
    'nonce',
    'resource',
    'login_hint',
    'id_token_hint',
    'claims',
    'request',
    'request_uri',
    'registration',
    'acr_values',
    'dpop_jkt',
    'authorization_details',
  ])('%s at the authorization endpoint', async (name) => {
    const { location } = await authorize(server, demoApp, { scope, [name]: '' }, agent);
    expect(location?.searchParams.get('code')).toMatch(/^usher_ac_/);
  });

  test.each(['response_type', 'code_challenge', 'scope'])(
    '%s, which is needed, is missing',
    async (name) => {
      const answer = await authorize(server, demoApp, { scope, [name]: '' }, agent);
      const missing = await authorize(server, demoApp, { scope, [name]: undefined }, agent);
      expect(answer.location?.href).toBe(missing.location?.href);
    },
  );

  test('an empty state does not come back', async () => {
    const { location } = await authorize(server, demoApp, { scope, state: '' }, agent);
    expect(location?.searchParams.has('state')).toBe(false);
  });

  test('beside a value it is no second value', async () => {
    const twice = { scope: ['', scope], response_mode: ['query', ''], state: ['', 'x', ''] };
    const { location } = await authorize(server, demoApp, twice, agent);
    expect(location?.searchParams.get('code')).toMatch(/^usher_ac_/);
    expect(location?.searchParams.get('state')).toBe('x');
    const three = { scope, state: ['', 'x', 'y'] };
    expectErrorRedirect(await authorize(server, demoApp, three), demoApp, 'invalid_request');
  });

  test('in a pushed request', async () => {
    const { url } = authorizationRequest(server, demoApp, scope);
    const empty = { response_mode: '', resource: '', request: '', request_uri: '', prompt: '' };
    const fields = { ...Object.fromEntries(new URL(url).searchParams), ...empty };
    expect(await post(server, '/oauth/par', demoApp, fields)).toMatchObject({ status: 201 });
  });

  test('at the token, introspection, and revocation endpoints', async () => {
    const { code, verifier } = await obtainCode(server, demoApp, dba, scope, agent);
    const empty = {
      client_id: '',
      client_secret: '',
      client_assertion: '',
      resource: '',
      scope: '',
    };
    const first = await redeem(server, demoApp, code, verifier, { ...empty, refresh_token: '' });
    expect(first.status).toBe(200);
    const again = await refresh(server, demoApp, first.body.refresh_token, { ...empty, code: '' });
    expect(again).toMatchObject({ status: 200, body: { scope } });
    const token = again.body.access_token;
    const asked = await post(server, '/oauth/introspect', demoApi, { token, resource: '' });
    expect(asked.body).toMatchObject({ active: true, scope });
    expect(asked.body).not.toHaveProperty('resource');
    const hint = { token, token_type_hint: '' };
    expect((await post(server, '/oauth/revoke', demoApp, hint)).status).toBe(200);
    const dead = await post(server, '/oauth/introspect', demoApi, hint);
    expect(dead.body).toEqual({ active: false });
  });

  test('a repeated parameter of a form whose second value is empty is not repeated', async () => {
    const { access_token: token } = await obtainTokens(server, demoApp, dba, scope, agent);
    const credentials = Buffer.from(`${demoApi.id}:${demoApi.secret}`).toString('base64');
    const response = await fetch(`${server.issuer}/oauth/introspect`, {
      method: 'POST',
      headers: { authorization: `Basic ${credentials}`, 'content-type': form },
      body: `token=${token}&token=&resource=&resource=user`,
    });
    const { status, body } = await readAnswer(response);
    expect({ status, active: body.active }).toEqual({ status: 200, active: true });
  });
});

describe('section 3.1.2, the query of a redirect URI', () => {
  test.each([
    'http://localhost:9001/cb?tenant=a%20b',
    'http://localhost:9001/cb?tenant=a+b&flag&empty=',
    'http://localhost:9001/cb?x=%7e%C3%a4&x=2&a=1',
    'http://localhost:9001/cb?',
    'http://localhost:9001/cb?a=1&',
    'http://localhost:9001/cb?q=(a:b)/c?d',
    'http://localhost:9001?x=1',
    'com.example.app:/cb?tenant=a%20b',
  ])('%s comes back byte for byte, with the answer after it', async (redirectUri) => {
    const client = await clientWith(redirectUri);
    const change = { scope, state: 'a b&c' };
    const back = await locationOf(client, change);
    const answer = new URLSearchParams(back.slice(back.indexOf('code=')));
    expect(back.startsWith(redirectUri)).toBe(true);
    const between = back.slice(redirectUri.length, back.indexOf('code='));
    expect(between).toBe(!redirectUri.includes('?') ? '?' : /[?&]$/.test(redirectUri) ? '' : '&');
    expect([...answer.keys()]).toEqual(['code', 'state', 'iss']);
    expect(answer.get('state')).toBe('a b&c');

    const error = await locationOf(client, { scope: 'bogus' });
    expect(error.startsWith(redirectUri)).toBe(true);
    expect(error).toContain('error=invalid_scope');
    const mode = await locationOf(client, { scope, response_mode: 'fragment' });
    expect(mode.startsWith(redirectUri)).toBe(true);
    expect(mode).toContain('error=unsupported_response_mode');
    expect(mode).not.toContain('#');
  });

  async function clientWith(redirectUri: string): Promise<TestClient> {
    const { db } = server.database;
    const template = await findClient(db, demoApp.id);
    if (template === undefined) throw new Error('no demo-app');
    const id = 'with-a-query';
    await saveClient(db, {
      ...template,
      id,
      redirectUris: [redirectUri],
      applicationType: 'native',
    });
    await addClientSecret(db, id, 'with-a-query-secret');
    const client = { id, secret: 'with-a-query-secret', redirectUri };
    await consentTo(server, client, dba, scope, ['acme/shop']);
    return client;
  }

  /** The address as it stands in the header: a URL object would write it anew. */
  async function locationOf(client: TestClient, change: Record<string, string>): Promise<string> {
    const { headers } = await authorize(server, client, change, agent);
    return headers.get('location') ?? '';
  }
});

describe('a request by another method', () => {
  const send = (method: string, body: string | undefined, headers: Record<string, string> = {}) =>
    fetch(`${server.issuer}/oauth/authorize`, {
      method,
      redirect: 'manual',
      headers: { accept: 'text/html', ...headers },
      ...(body === undefined ? {} : { body }),
    });
  const parametersOf = () =>
    new URL(authorizationRequest(server, demoApp, scope).url).search.slice(1);

  test('POST is sent on to the same request by GET, which then goes through', async () => {
    const parameters = parametersOf();
    const response = await send('POST', parameters, { 'content-type': form });
    expect(response.status).toBe(303);
    expect(response.headers.get('cache-control')).toContain('no-store');
    const location = new URL(response.headers.get('location') ?? '', server.issuer);
    expect(`${location.origin}${location.pathname}`).toBe(`${server.issuer}/oauth/authorize`);
    expect([...location.searchParams]).toEqual([...new URLSearchParams(parameters)]);
    const back = await visit(location.href, agent);
    expect(back.location?.searchParams.get('code')).toMatch(/^usher_ac_/);
  });

  test('what is in the body leads nowhere else and into no header', async () => {
    const body = 'client_id=x%0d%0aSet-Cookie:%20a=b&redirect_uri=https://evil.test/#x';
    const { status, headers } = await send('POST', body, { 'content-type': form });
    expect(status).toBe(303);
    expect(headers.get('location')).toMatch(/^\/oauth\/authorize\?client_id=x%0D%0A/);
    expect(headers.get('set-cookie')).toBeNull();
  });

  test.each([
    [413, 'more than an address can hold', `${form}`, `state=${'x'.repeat(7_000)}`],
    [413, 'what is longer once it is encoded', `${form}`, `state=${'ä'.repeat(2_000)}`],
    [415, 'JSON', 'application/json', '{}'],
    [415, 'a file', 'multipart/form-data; boundary=x', '--x--'],
  ])('%s for %s, in a page', async (status, _what, type, body) => {
    const response = await send('POST', body, { 'content-type': type });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(response.headers.get('location')).toBeNull();
  });

  test.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])(
    '%s is 405 with what is taken',
    async (method) => {
      const { status, headers } = await send(method, undefined);
      expect({ status, allow: headers.get('allow') }).toEqual({
        status: 405,
        allow: 'GET, HEAD, POST',
      });
    },
  );
});
