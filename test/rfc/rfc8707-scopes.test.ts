/** RFC 8707: what a resource server accepts bounds, and is by default, what is asked for there. */

import { beforeAll, describe, expect, test } from 'vitest';
import { commandsOn } from '../operator/operators.ts';
import { authorize, expectErrorPage, expectErrorRedirect } from '../support/authorize.ts';
import { consentedBrowser } from '../support/consented.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  allow,
  authorizationRequest,
  callbackOf,
  demoApi,
  demoApp,
  introspectAs,
  obtainCode,
  obtainCodeFor,
  obtainTokens,
  post,
  type RequestChange,
  redeem,
  refresh,
  signInFor,
  type TestClient,
} from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';

const dba = 'dba@acme.test';
const audience = 'https://mcp.acme.test/mcp';
const pickyAudience = 'https://picky.acme.test/mcp';
const all = 'database:read_branches database:write_branches database:read_database';
const accepted = 'database:read_branches database:read_database';
const server = forAllTests(startTestServer);
const agent = forAllTests(() => consentedBrowser(server, demoApp, dba, all, ['acme/shop']));
let api: TestClient;

beforeAll(async () => {
  const run = commandsOn(server.database.db, server.issuer);
  const add = (address: string, ...options: string[]) =>
    run('resource-server', 'add', 'Branches', '--audience', address, ...options);
  const made = await add(audience, '--scope', accepted);
  api = { id: String(made['client_id']), secret: String(made['client_secret']), redirectUri: '' };
  await add(pickyAudience, '--scope', accepted, '--default-scope', 'read_branches');
});

const tokensFor = (change: RequestChange, scope = all) =>
  obtainTokens(server, demoApp, dba, scope, agent, change);

describe('section 2.1 and RFC 6749 section 3.3, the scope of an authorization request', () => {
  test('is narrowed to what the resource server accepts', async () => {
    const body = await tokensFor({ resource: audience });
    expect(body.scope).toBe(accepted);
    const answer = await introspectAs(server, api, body.access_token);
    expect(answer).toMatchObject({ active: true, aud: audience, scope: accepted });
    expect(await introspectAs(server, demoApi, body.access_token)).toEqual({ active: false });
  });

  test('is by default all that it accepts', async () => {
    const body = await tokensFor({ resource: audience, scope: undefined });
    expect(body.scope).toBe(accepted);
  });

  test('is by default what it says, where it says less', async () => {
    const body = await tokensFor({ resource: pickyAudience, scope: undefined });
    expect(body.scope).toBe('database:read_branches');
    expect((await tokensFor({ resource: pickyAudience })).scope).toBe(accepted);
  });

  test('is by default the same when the request is pushed, with a slash more', async () => {
    const { url, verifier } = authorizationRequest(server, demoApp, all, {
      resource: `${pickyAudience}/`,
      scope: undefined,
    });
    const fields = Object.fromEntries(new URL(url).searchParams);
    const { status, body } = await post(server, '/oauth/par', demoApp, fields);
    expect(status).toBe(201);
    const query = new URLSearchParams({ client_id: demoApp.id, request_uri: body.request_uri });
    const pushed = { url: `${server.issuer}/oauth/authorize?${query}`, verifier };
    const { code } = await obtainCodeFor(agent, pushed, dba);
    const tokens = await redeem(server, demoApp, code, verifier);
    expect(tokens.body.scope).toBe('database:read_branches');
  });

  test('is the default where offline access is all that is asked', async () => {
    const body = await tokensFor({ resource: pickyAudience, scope: 'offline_access' });
    expect(body.scope).toBe('database:read_branches');
  });

  test('has no default without a resource, and is refused as before', async () => {
    const answer = await authorize(server, demoApp, { scope: undefined }, agent);
    expectErrorRedirect(answer, demoApp, 'invalid_scope');
  });

  test('with nothing that it accepts is refused, and what it accepts is named', async () => {
    const change = { resource: audience, scope: 'openid database:write_branches' };
    const answer = await authorize(server, demoApp, change, agent);
    const parameters = expectErrorRedirect(answer, demoApp, 'invalid_scope');
    expect(parameters.get('error_description')).toBe(
      `${audience} accepts none of these; it accepts: ${accepted}`,
    );
  });

  test('of OpenID alone is asked as it is', async () => {
    const { id_token } = await tokensFor({ resource: audience, nonce: 'n' }, 'openid');
    expect(id_token).toEqual(expect.any(String));
  });
});

test('an application that registered itself asks for what is accepted, and sees it consented', async () => {
  const redirectUri = 'http://127.0.0.1:45678/callback';
  const response = await fetch(`${server.issuer}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' }),
  });
  const { client_id: id } = (await response.json()) as { client_id: string };
  const client: TestClient = { id, secret: undefined, redirectUri };
  const request = authorizationRequest(server, client, '', {
    scope: undefined,
    resource: audience,
  });
  const page = await signInFor(agent, request.url, dba);
  expect(page.html).not.toContain('database:write_branches');
  const callback = callbackOf(await allow(agent, page, ['acme/shop']));
  const answer = await redeem(server, client, callback.get('code') ?? '', request.verifier);
  expect(answer.body).toMatchObject({ scope: accepted });
  expect(answer.body).not.toHaveProperty('id_token');
});

describe('section 2.2, what was authorized without a resource', () => {
  async function code() {
    return obtainCode(server, demoApp, dba, all, agent);
  }

  test('is narrowed at the token endpoint, for the access token alone', async () => {
    const { code: one, verifier } = await code();
    const { body } = await redeem(server, demoApp, one, verifier, { resource: `${audience}/` });
    expect(body.scope).toBe(accepted);
    const answer = await introspectAs(server, api, body.access_token);
    expect(answer).toMatchObject({ active: true, aud: audience, scope: accepted });
    expect(await introspectAs(server, demoApi, body.access_token)).toEqual({ active: false });

    const wide = (await refresh(server, demoApp, body.refresh_token)).body;
    expect(wide.scope).toBe(all);
    expect(await introspectAs(server, demoApi, wide.access_token)).not.toHaveProperty('aud');
    const other = { resource: pickyAudience };
    const narrow = (await refresh(server, demoApp, wide.refresh_token, other)).body;
    expect(narrow.scope).toBe(accepted);
    expect(await introspectAs(server, api, narrow.access_token)).toEqual({ active: false });
    const again = (await refresh(server, demoApp, narrow.refresh_token)).body;
    expect(again.scope).toBe(all);
  });

  test('and one for the management API works there alone', async () => {
    const { code: one, verifier } = await code();
    const resource = `${server.issuer}/api/v1`;
    const { body } = await redeem(server, demoApp, one, verifier, { resource });
    expect(await introspectAs(server, demoApi, body.access_token)).toEqual({ active: false });
    expect(await introspectAs(server, demoApp, body.access_token)).toMatchObject({ aud: resource });
  });

  test('an unknown resource is invalid_target, says what to register, and burns nothing', async () => {
    const { code: one, verifier } = await code();
    const unknown = { resource: 'https://un"known.test/é' };
    const { status, body } = await redeem(server, demoApp, one, verifier, unknown);
    expect({ status, body }).toEqual({
      status: 400,
      body: {
        error: 'invalid_target',
        error_description:
          'no resource server is registered for https://un?known.test/?: register it with exactly ' +
          'this address, or send the resource of a registered one, or none',
      },
    });
    expect((await redeem(server, demoApp, one, verifier)).status).toBe(200);
  });
});

test('a resource that was not granted is refused, and the granted one named', async () => {
  const { refresh_token } = await tokensFor({ resource: audience });
  const { body } = await refresh(server, demoApp, refresh_token, { resource: pickyAudience });
  expect(body).toEqual({
    error: 'invalid_target',
    error_description: `the user allowed a token for ${audience}: send that as resource, or none`,
  });
});

describe('a resource that cannot be', () => {
  const long = `https://mcp.acme.test/${'a'.repeat(8_192)}`;

  test('an unknown one is told of at the authorization endpoint, with what to register', async () => {
    const answer = await authorize(server, demoApp, { resource: 'https://a.test/x' }, agent);
    const parameters = expectErrorRedirect(answer, demoApp, 'invalid_target');
    expect(parameters.get('error_description')).toContain(
      'registered for https://a.test/x: register',
    );
  });

  test('one of 8 KB is refused on a page, pushed and at the token endpoint', async () => {
    const shown = await authorize(server, demoApp, { resource: long }, agent);
    expectErrorPage(shown);
    expect(shown.html).toContain('the parameter resource is too long: at most 2048 characters');

    const { url } = authorizationRequest(server, demoApp, all, { resource: long });
    const fields = Object.fromEntries(new URL(url).searchParams);
    const pushed = await post(server, '/oauth/par', demoApp, fields);
    expect({ status: pushed.status, body: pushed.body }).toEqual({
      status: 400,
      body: {
        error: 'invalid_request',
        error_description: 'the parameter resource is too long: at most 2048 characters',
      },
    });

    const { code, verifier } = await obtainCode(server, demoApp, dba, all, agent);
    const { status, body } = await redeem(server, demoApp, code, verifier, { resource: long });
    expect({ status, error: body.error }).toEqual({ status: 400, error: 'invalid_target' });
    expect(body.error_description.length).toBeLessThan(300);
  });

  test('one with a NUL is unknown, everywhere', async () => {
    const resource = 'https://mcp.acme.test/\0';
    const answer = await authorize(server, demoApp, { resource }, agent);
    expectErrorRedirect(answer, demoApp, 'invalid_target');
    const { code, verifier } = await obtainCode(server, demoApp, dba, all, agent);
    const { body } = await redeem(server, demoApp, code, verifier, { resource });
    expect(body.error).toBe('invalid_target');
  });
});

test('a change of what a server accepts counts for tokens that are out, and widens none', async () => {
  const run = commandsOn(server.database.db, server.issuer);
  const { access_token: token } = await tokensFor({ resource: audience });
  const scopes = async () => (await introspectAs(server, api, token)).scope;
  const own = async () => (await introspectAs(server, demoApp, token)).scope;
  expect(await scopes()).toBe(accepted);
  const change = (...options: string[]) => run('resource-server', 'scopes', api.id, ...options);
  expect(await change('--scope', 'database:read_database')).toEqual({
    outcome: 'changed',
    client_id: api.id,
    scope: 'database:read_database',
    default_scope: 'database:read_database',
  });
  expect(await scopes()).toBe('database:read_database');
  const about = await introspectAs(server, api, token, 'organizations/acme/databases/shop');
  expect(about.scope).toBe('database:read_database');
  expect(await own()).toBe(accepted);
  expect((await tokensFor({ resource: audience })).scope).toBe('database:read_database');

  await change('--all');
  expect(await scopes()).toBe(accepted);
  await change('--scope', accepted, '--default-scope', 'read_branches');
  expect((await tokensFor({ resource: audience, scope: undefined })).scope).toBe(
    'database:read_branches',
  );
  await change('--default-scope', 'read_database');
  expect((await tokensFor({ resource: audience, scope: undefined })).scope).toBe(
    'database:read_database',
  );
  await change('--scope', accepted);
});

test.each<[what: string, options: string[], reason: RegExp]>([
  ['nothing', [], /give --scope/],
  ['all and some', ['--all', '--scope', 'read_branches'], /give --scope/],
  ['no scope of the catalogue', ['--scope', 'bogus'], /has no bogus/],
  ['a default beside them', ['--default-scope', 'database:delete_database'], /part of scope/],
])('a change to %s is refused', async (_what, options, reason) => {
  const run = commandsOn(server.database.db, server.issuer);
  await expect(run('resource-server', 'scopes', api.id, ...options)).rejects.toThrow(reason);
  await expect(run('resource-server', 'scopes', demoApp.id, '--all')).rejects.toThrow(/no such/);
});
