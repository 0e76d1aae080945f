/** RFC 9728, protected resource metadata: of Usher's own management API. */

import * as oauth from 'oauth4webapi';
import { beforeAll, describe, expect, test } from 'vitest';
import { printId } from '../../src/lib/ids.ts';
import { findClient, saveClient } from '../../src/storage/clients/clients.ts';
import { consentedBrowser } from '../support/consented.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  demoApi,
  demoApp,
  idOf,
  introspectAs,
  obtainCode,
  obtainTokens,
  redeem,
  refresh,
} from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';

const dba = 'dba@acme.test';
const scope = 'organization:read_organization database:read_database';
const server = forAllTests(startTestServer);
const agent = forAllTests(() =>
  consentedBrowser(server, demoApp, dba, scope, ['acme', 'acme/shop']),
);
let resource: string;
let document: string;
let acme: string;

beforeAll(async () => {
  resource = `${server.issuer}/api/v1`;
  document = `${server.issuer}/.well-known/oauth-protected-resource/api/v1`;
  acme = printId('organization', await idOf(server.database.db, 'acme'));
});

const tokenFor = (indicator: string) =>
  obtainTokens(server, demoApp, dba, scope, agent, { resource: indicator });

function use(token: string): Promise<Response> {
  return fetch(`${resource}/organizations/${acme}`, {
    headers: { authorization: `Bearer ${token}` },
  });
}

describe('section 3, the document', () => {
  test('a client that knows the resource finds who issues tokens for it', async () => {
    const url = new URL(resource);
    const insecure = { [oauth.allowInsecureRequests]: true };
    const found = await oauth.processResourceDiscoveryResponse(
      url,
      await oauth.resourceDiscoveryRequest(url, insecure),
    );
    expect(found).toMatchObject({
      resource,
      authorization_servers: [server.issuer],
      bearer_methods_supported: ['header'],
      dpop_signing_alg_values_supported: ['ES256', 'Ed25519', 'EdDSA'],
    });
    expect(found.scopes_supported).toContain('organization:read_organization');
    const issuer = new URL(found.authorization_servers?.[0] ?? '');
    const discovered = await oauth.discoveryRequest(issuer, { ...insecure, algorithm: 'oauth2' });
    const { dpop_signing_alg_values_supported: algorithms } = await oauth.processDiscoveryResponse(
      issuer,
      discovered,
    );
    expect(algorithms).toEqual(found['dpop_signing_alg_values_supported']);
  });

  test('it is read from any page, and answers HEAD and a preflight', async () => {
    const read = await fetch(document, { headers: { origin: 'https://app.test' } });
    expect(read.headers.get('access-control-allow-origin')).toBe('*');
    const head = await fetch(document, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type'), await head.text()]).toEqual([
      200,
      'application/json; charset=utf-8',
      '',
    ]);
    const preflight = await fetch(document, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.test',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'mcp-protocol-version',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-headers')).toBe('Authorization, *');
  });
});

describe('section 5.1, challenges name the document', () => {
  test.each<[string, RequestInit]>([
    ['without a token', {}],
    ['to a write without one', { method: 'POST' }],
    ['with another scheme', { headers: { authorization: 'Basic eDp5' } }],
    ['with a dead token', { headers: { authorization: 'Bearer usher_at_x' } }],
    ['with a dead token under DPoP', { headers: { authorization: 'DPoP usher_at_x' } }],
  ])('%s', async (_, init) => {
    const { status, headers } = await fetch(`${resource}/organizations`, init);
    expect(status).toBe(401);
    const challenges = headers.get('www-authenticate') ?? '';
    expect(challenges.match(/resource_metadata="[^"]+"/g)).toEqual(
      Array.from(challenges.matchAll(/(?:Bearer|DPoP) /g), () => `resource_metadata="${document}"`),
    );
  });

  test('without a scope', async () => {
    const { access_token: token } = await tokenFor(resource);
    const { status, headers } = await fetch(`${resource}/user`, {
      method: 'GET',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(status).toBe(403);
    expect(headers.get('www-authenticate')).toMatch(
      /^Bearer error="insufficient_scope", scope="[^"]+", resource_metadata="/,
    );
  });
});

describe('RFC 8707, a token for the management API alone', () => {
  test.each([
    ['as the document names it', ''],
    ['with a slash at its end', '/'],
  ])('is asked for %s, and works there and nowhere else', async (_, slash) => {
    const { access_token: token, refresh_token } = await tokenFor(resource + slash);
    expect((await use(token)).status).toBe(200);
    expect(await introspectAs(server, demoApi, token)).toEqual({ active: false });
    expect(await introspectAs(server, demoApp, token)).toMatchObject({ aud: resource });
    const again = await refresh(server, demoApp, refresh_token, { resource });
    expect(again.status).toBe(200);
    expect((await use(again.body.access_token)).status).toBe(200);
  });

  test('one for another resource server is dead there', async () => {
    const { id } = demoApi;

    const { db } = server.database;
    const registered = await findClient(db, id);
    if (registered === undefined) throw new Error('no demo-api');
    const audience = 'https://elsewhere.test/api/v1';
    await saveClient(db, { ...registered, id: 'elsewhere', audience });
    const { access_token: token } = await tokenFor(audience);
    expect((await use(token)).status).toBe(401);
  });

  test('one without a resource still works', async () => {
    const { code, verifier } = await obtainCode(server, demoApp, dba, scope, agent);
    const { body } = await redeem(server, demoApp, code, verifier);
    expect((await use(body.access_token)).status).toBe(200);
  });
});
