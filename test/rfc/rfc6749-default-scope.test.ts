/**
 * RFC 6749 section 3.3, RFC 7591 section 2: an application that registered itself asks for its default
 * when its request names no scope, and for more when it names more, up to the operator's ceiling.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scopeSet } from '../../src/catalogue/scope-set.ts';
import { saveRegistrationCeiling } from '../../src/storage/clients/registrations.ts';
import { authorize, expectErrorPage, expectErrorRedirect } from '../support/authorize.ts';
import {
  allow,
  authorizationRequest,
  callbackOf,
  consentTo,
  demoApi,
  demoApp,
  introspectAs,
  obtainTokens,
  redeem,
  refresh,
  signInFor,
  type TestClient,
} from '../support/oauth.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createUserAgent } from '../support/user-agent.ts';

const dba = 'dba@acme.test';
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

/** Registers an application over the wire. */
async function register(change: Record<string, unknown> = {}) {
  const redirectUri = 'http://127.0.0.1:45678/callback';
  const response = await fetch(`${server.issuer}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      redirect_uris: [redirectUri],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      ...change,
    }),
  });
  const registered = (await response.json()) as { client_id: string; scope: string };
  const client: TestClient = { id: registered.client_id, secret: undefined, redirectUri };
  return { client, registered };
}

/** Goes through sign-in and consent, picks the places, and redeems the code. */
async function tokensFor(client: TestClient, scope: string | undefined, paths: string[] = []) {
  const agent = createUserAgent(server.issuer);
  const request = authorizationRequest(server, client, '', { scope });
  const page = await signInFor(agent, request.url, dba);
  const callback = callbackOf(await allow(agent, page, paths));
  const answer = await redeem(server, client, callback.get('code') ?? '', request.verifier);
  expect(answer.status).toBe(200);
  return answer.body;
}

describe('a request without scope', () => {
  test('asks for who the user is, where the registration named nothing', async () => {
    const { client, registered } = await register();
    expect(registered.scope).toBe('openid profile email');
    expect((await tokensFor(client, undefined)).scope).toBe('openid profile email');
    expect((await tokensFor(client, '')).scope).toBe('openid profile email');
  });

  test('asks for what the registration named', async () => {
    const { client, registered } = await register({ scope: 'openid read_branches bogus' });
    expect(registered.scope).toBe('openid organization:read_branches database:read_branches');
    const { scope } = await tokensFor(client, undefined, ['acme/shop']);
    expect(scope).toBe('openid database:read_branches');
  });

  test('is told what to do where there is no default', async () => {
    const { client, registered } = await register({ scope: '' });
    expect(registered.scope).toBe('');
    const answer = await authorize(server, client, { scope: undefined });
    expectErrorPage(answer);
    expect(answer.html).toContain('send scope');
  });

  test('of a client that an operator registered is invalid_scope: its scopes are its bound', async () => {
    for (const scope of [undefined, '', 'address phone']) {
      const answer = await authorize(server, demoApp, { scope });
      const parameters = expectErrorRedirect(answer, demoApp, 'invalid_scope');
      expect(parameters.get('error_description')).toContain('send scope');
    }
  });
});

describe('a request for more than was registered (step-up)', () => {
  test('is a matter of consent, and the token does it', async () => {
    const { client } = await register({ scope: 'openid' });
    const first = await tokensFor(client, 'openid');
    expect(first.scope).toBe('openid');
    const second = await tokensFor(client, 'openid database:read_database', ['acme/shop']);
    expect(second.scope).toBe('openid database:read_database');
    const path = 'organizations/acme/databases/shop';
    const answer = await introspectAs(server, demoApi, second.access_token, path);
    expect(answer).toMatchObject({ active: true, scope: 'database:read_database' });
  });

  test('a bare name means the levels of the default, else all of the ceiling', async () => {
    const { client } = await register({ scope: 'database:read_branches' });
    const usual = await tokensFor(client, 'read_branches', ['acme/shop']);
    expect(usual.scope).toBe('database:read_branches');
    const { client: other } = await register();
    const agent = createUserAgent(server.issuer);
    const { url } = authorizationRequest(server, other, 'read_branches');
    const page = await signInFor(agent, url, dba);
    expect(page.html).toContain('organization:read_branches');
    expect(page.html).toContain('database:read_branches');
  });
});

describe('the ceiling', () => {
  afterAll(() => saveRegistrationCeiling(server.database.db, undefined));

  test('bounds requests and, at once, tokens that are out; lifted, they do it again', async () => {
    const { db } = server.database;
    const wanted = 'database:read_database database:write_database';
    const { client } = await register({ scope: wanted });
    const { access_token: token } = await tokensFor(client, wanted, ['acme/shop']);
    const path = 'organizations/acme/databases/shop';
    const now = async () => (await introspectAs(server, demoApi, token, path)).scope;
    expect(await now()).toBe(wanted);

    await saveRegistrationCeiling(db, scopeSet(['database:read_database']));
    expect(await now()).toBe('database:read_database');
    const overall = await introspectAs(server, demoApi, token);
    expect(overall.scope).toBe('database:read_database');
    const refused = await authorize(server, client, { scope: 'database:write_database' });
    expectErrorPage(refused);
    expect(refused.html).toContain('not open to applications that register themselves');
    // What it registered is more than the ceiling: its default is what is left.
    expect((await tokensFor(client, undefined)).scope).toBe('database:read_database');

    await saveRegistrationCeiling(db, undefined);
    expect(await now()).toBe(wanted);
  });

  test('does not bind a client that an operator registered', async () => {
    await saveRegistrationCeiling(server.database.db, scopeSet([]));
    const scope = 'database:read_database';
    await consentTo(server, demoApp, dba, scope, ['acme/shop']);
    const { access_token: token } = await obtainTokens(server, demoApp, dba, scope);
    expect(await introspectAs(server, demoApi, token)).toMatchObject({ scope });
  });
});

test('the setting REGISTRATION_CEILING is in force when the process starts', async () => {
  const bounded = await startTestServer({ REGISTRATION_CEILING: 'user:read_user read_branches' });
  try {
    const before = server;
    server = bounded;
    const { client } = await register();
    expectErrorPage(await authorize(bounded, client, { scope: 'database:read_database' }));
    const answer = await authorize(bounded, client, { scope: 'database:read_branches' });
    expect(answer.location?.pathname).toMatch(/^\/interaction\//);
    server = before;
  } finally {
    await bounded.close();
  }
});

describe('scopes that are not ours', () => {
  test('OpenID’s others are ignored (OpenID Connect Core 3.1.2.1), unknown ones are named', async () => {
    const { client } = await register();
    const { scope } = await tokensFor(client, 'openid address phone groups email');
    expect(scope).toBe('openid email');
    const answer = await authorize(server, client, { scope: 'openid address:all' });
    expectErrorPage(answer);
    expect(answer.html).toContain('not in the catalogue: address:all');
  });

  test('offline_access without prompt=consent, and at refresh, refuses nothing', async () => {
    const { client } = await register();
    const tokens = await tokensFor(client, 'openid offline_access');
    expect(tokens.scope).toBe('openid');
    for (const scope of ['openid offline_access', 'openid groups', 'offline_access']) {
      const { refresh_token: token } = await tokensFor(client, 'openid');
      const answer = await refresh(server, client, token, { scope });
      expect(answer).toMatchObject({ status: 200, body: { scope: 'openid' } });
    }
  });
});
