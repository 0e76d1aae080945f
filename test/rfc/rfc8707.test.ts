/** RFC 8707, Resource Indicators: a token for one resource server, and for no other. */

import { beforeAll, describe, expect, test } from 'vitest';
import { addClientSecret } from '../../src/storage/clients/client-secrets.ts';
import { findClient, saveClient } from '../../src/storage/clients/clients.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { authorize, expectErrorRedirect } from '../support/authorize.ts';
import { consentedBrowser } from '../support/consented.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  authorizationRequest,
  demoApi,
  demoApp,
  introspectAs,
  obtainCode,
  obtainCodeFor,
  post,
  redeem,
  refresh,
  type TestClient,
} from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';

const dba = 'dba@acme.test';
const scope = 'database:read_database';
const audience = 'https://api.acme.test/v1';
const otherAudience = 'https://other.acme.test/';
const acmeApi: TestClient = { id: 'acme-api', secret: 'acme-api-secret', redirectUri: '' };
const otherApi: TestClient = { id: 'other-api', secret: 'other-api-secret', redirectUri: '' };
/** As people write hosts, and a URL parser does not. */
const inCapitals = (address: string) =>
  address.replace('https://api.acme.test', 'HTTPS://API.Acme.test');
const withPort = (address: string) => address.replace('.test', '.test:443');
const server = forAllTests(startTestServer);
const agent = forAllTests(() => consentedBrowser(server, demoApp, dba, scope, ['acme/shop']));

beforeAll(async () => {
  await registerServer(acmeApi, audience);
  await registerServer(otherApi, otherAudience);
});

async function registerServer({ id, secret }: TestClient, address: string): Promise<void> {
  const { db } = server.database;
  const template = await findClient(db, demoApi.id);
  if (template === undefined) throw new Error('no demo-api');
  await saveClient(db, { ...template, id, audience: address });
  await addClientSecret(db, id, secret ?? '');
}

async function codeFor(resource: string) {
  const request = authorizationRequest(server, demoApp, scope, { resource });
  return obtainCodeFor(agent, request, dba);
}

async function tokensFor(resource: string) {
  const { code, verifier } = await codeFor(resource);
  const { status, body } = await redeem(server, demoApp, code, verifier);
  expect({ status, scope: body.scope }).toEqual({ status: 200, scope });
  return body;
}

describe('section 2.1, authorization request', () => {
  test.each([
    ['is not registered', 'https://evil.test/'],
    ['is registered with a path in small letters', audience.toUpperCase()],
    ['has two slashes more', `${audience}//`],
    ['is no address', 'shop'],
    ['has a fragment', `${audience}#x`],
    ['is a client, not an address', 'demo-api'],
  ])('a resource that %s is invalid_target', async (_, resource) => {
    const answer = await authorize(server, demoApp, { resource }, agent);
    expectErrorRedirect(answer, demoApp, 'invalid_target');
  });

  test.each([
    ['with a slash', audience, `${audience}/`, acmeApi],
    ['without one', otherAudience, otherAudience.slice(0, -1), otherApi],
    ['with its host in capitals', audience, inCapitals(audience), acmeApi],
    ['with the port of https', audience, withPort(audience), acmeApi],
  ])(
    'a server may be named %s, though it is not registered so',
    async (_, registered, named, api) => {
      const { access_token } = await tokensFor(named);
      const answer = await introspectAs(server, api, access_token);
      expect(answer).toMatchObject({ active: true, aud: registered });
      const wrong = api === acmeApi ? otherApi : acmeApi;
      expect(await introspectAs(server, wrong, access_token)).toEqual({ active: false });
    },
  );

  test('a pushed request may as well', async () => {
    const { url, verifier } = authorizationRequest(server, demoApp, scope, {
      resource: `${audience}/`,
    });
    const fields = Object.fromEntries(new URL(url).searchParams);
    const { status, body } = await post(server, '/oauth/par', demoApp, fields);
    expect(status).toBe(201);
    const query = new URLSearchParams({ client_id: demoApp.id, request_uri: body.request_uri });
    const address = `${server.issuer}/oauth/authorize?${query}`;
    const { code } = await obtainCodeFor(agent, { url: address, verifier }, dba);
    const tokens = (await redeem(server, demoApp, code, verifier, { resource: audience })).body;
    const answer = await introspectAs(server, acmeApi, tokens.access_token);
    expect(answer).toMatchObject({ active: true, aud: audience });
  });

  test('two resources are invalid_target', async () => {
    const change = { resource: [audience, otherAudience] };
    expectErrorRedirect(await authorize(server, demoApp, change, agent), demoApp, 'invalid_target');
  });

  test('the scope is checked and expanded as without a resource', async () => {
    const bad = { resource: audience, scope: 'read_database bogus' };
    const parameters = expectErrorRedirect(
      await authorize(server, demoApp, bad, agent),
      demoApp,
      'invalid_scope',
    );
    expect(parameters.get('error_description')).toContain('bogus');
    const none = await authorize(server, demoApp, { resource: audience, scope: undefined }, agent);
    expectErrorRedirect(none, demoApp, 'invalid_scope');
  });
});

describe('section 2.2, access token request', () => {
  test('the token says which server it is for, and is dead to every other', async () => {
    const { access_token: token } = await tokensFor(audience);
    expect(await introspectAs(server, acmeApi, token)).toMatchObject({
      active: true,
      aud: audience,
      scope,
    });
    expect(await introspectAs(server, demoApp, token)).toMatchObject({
      active: true,
      aud: audience,
    });
    for (const other of [demoApi, otherApi]) {
      expect(await introspectAs(server, other, token)).toEqual({ active: false });
    }
  });

  test('a refresh keeps the audience', async () => {
    const { refresh_token: token } = await tokensFor(audience);
    const { body } = await refresh(server, demoApp, token);
    expect(body.scope).toBe(scope);
    expect(await introspectAs(server, acmeApi, body.access_token)).toMatchObject({ aud: audience });
    expect(await introspectAs(server, otherApi, body.access_token)).toEqual({ active: false });
  });

  test('naming the granted resource again changes nothing', async () => {
    const { code, verifier } = await codeFor(audience);
    const { status, body } = await redeem(server, demoApp, code, verifier, { resource: audience });
    expect(status).toBe(200);
    const again = await refresh(server, demoApp, body.refresh_token, { resource: audience });
    expect(again.status).toBe(200);
  });

  test.each([
    [audience, `${audience}/`, audience],
    [`${audience}/`, audience, `${audience}/`],
    [inCapitals(audience), withPort(audience), inCapitals(audience)],
  ])(
    'asked as %s it may be named %s at the token endpoint and %s at the refresh',
    async (...named) => {
      const [asked, redeemed, refreshed] = named;
      const { code, verifier } = await codeFor(asked);
      const first = await redeem(server, demoApp, code, verifier, { resource: redeemed });
      expect(first.status).toBe(200);
      const { refresh_token: token } = first.body;
      const again = await refresh(server, demoApp, token, { resource: refreshed });
      expect(again.status).toBe(200);
      const next = await refresh(server, demoApp, again.body.refresh_token, { resource: redeemed });
      const answer = await introspectAs(server, acmeApi, next.body.access_token);
      expect(answer).toMatchObject({ active: true, aud: audience });
    },
  );

  test('several processes of a host refresh at once, and only some of them name the resource', async () => {
    const { refresh_token: token } = await tokensFor(audience);
    const ways = [{}, { resource: audience }, { resource: `${inCapitals(audience)}/` }, { scope }];
    const answers = await Promise.all(
      [...ways, ...ways].map((fields) => refresh(server, demoApp, token, fields)),
    );
    const [first] = answers;
    for (const { status, body } of answers) {
      expect({ status, body }).toEqual({ status: 200, body: first?.body });
    }
    expect((await refresh(server, demoApp, first?.body.refresh_token)).status).toBe(200);
  });

  test('a token lives on when its server is registered under the other spelling', async () => {
    const { access_token: token, refresh_token } = await tokensFor(audience);
    const rename = statement('update clients set audience = $2 where id = $1');
    await server.database.db.query(rename, [acmeApi.id, `${audience}/`]);
    const answer = await introspectAs(server, acmeApi, token);
    const again = await refresh(server, demoApp, refresh_token);
    await server.database.db.query(rename, [acmeApi.id, audience]);
    expect(answer).toMatchObject({ active: true, scope });
    expect(again.status).toBe(200);
  });

  test('a resource that was not granted is invalid_target, and burns nothing', async () => {
    const { code, verifier } = await codeFor(audience);
    const other = { resource: otherAudience };
    const answer = await redeem(server, demoApp, code, verifier, other);
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
    const { body } = await redeem(server, demoApp, code, verifier);
    expect((await refresh(server, demoApp, body.refresh_token, other)).body.error).toBe(
      'invalid_target',
    );
    expect((await refresh(server, demoApp, body.refresh_token)).status).toBe(200);
  });

  test('a token without a resource is for every platform server', async () => {
    const { code, verifier } = await obtainCode(server, demoApp, dba, scope, agent);
    const { body } = await redeem(server, demoApp, code, verifier);
    const answer = await introspectAs(server, demoApi, body.access_token);
    expect(answer.active).toBe(true);
    expect(answer).not.toHaveProperty('aud');
  });
});
