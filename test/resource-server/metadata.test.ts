/** RFC 9728: what a client can learn before it has a token. */

import * as oauth from 'oauth4webapi';
import { describe, expect, test } from 'vitest';
import { createResourceServer } from '../../src/resource-server/resource-server.ts';
import { startApi } from './setting.ts';

const options = { issuer: 'https://usher.test', clientId: 'api', clientSecret: 'secret' };

test('a client that got a challenge finds the document, and Usher through it', async () => {
  const api = await startApi(options);
  const challenged = await fetch(`${api.url}/branches/br_1/note`);
  const [, address = ''] =
    /resource_metadata="([^"]+)"/.exec(challenged.headers.get('www-authenticate') ?? '') ?? [];
  const resource = new URL(api.url);
  const response = await fetch(address);
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  expect(await response.clone().json()).toEqual({
    resource: api.url,
    authorization_servers: ['https://usher.test'],
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: ['ES256', 'Ed25519', 'EdDSA'],
    scopes_supported: ['database:read_branches'],
    resource_name: 'Branch notes',
  });
  const read = await oauth.processResourceDiscoveryResponse(resource, response);
  expect(read.authorization_servers).toEqual(['https://usher.test']);
  await api.stop();
});

test.each([
  ['https://api.test', 'https://api.test/.well-known/oauth-protected-resource'],
  ['https://api.test/', 'https://api.test/.well-known/oauth-protected-resource'],
  ['https://api.test/v1', 'https://api.test/.well-known/oauth-protected-resource/v1'],
])('the document about %s is at %s, and nowhere else', async (url, address) => {
  const server = createResourceServer({ ...options, url });
  const handle = server.serveMetadata({ documentation: 'https://api.test/docs' });
  expect(await handle(new Request(address))?.json()).toMatchObject({
    resource: url,
    resource_documentation: 'https://api.test/docs',
  });
  expect(handle(new Request(`${address}/other`))).toBeUndefined();
  expect(handle(new Request('https://api.test/'))).toBeUndefined();
  expect(handle(new Request(address, { method: 'POST' }))).toBeUndefined();
});

test('it answers HEAD like GET, and a preflight', async () => {
  const server = createResourceServer({ ...options, url: 'https://api.test/v1' });
  const address = 'https://api.test/.well-known/oauth-protected-resource/v1';
  const handle = server.serveMetadata();
  const head = handle(new Request(address, { method: 'HEAD' }));
  expect(head?.status).toBe(200);
  expect(head?.headers.get('content-type')).toContain('application/json');
  expect(await head?.text()).toBe('');
  const preflight = handle(new Request(address, { method: 'OPTIONS' }));
  expect(preflight?.status).toBe(204);
  expect(Object.fromEntries(preflight?.headers ?? [])).toMatchObject({
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET, HEAD',
    'access-control-allow-headers': '*',
  });
});

test.each(['HEAD', 'OPTIONS'])('over Koa, too: %s', async (method) => {
  const api = await startApi(options);
  const response = await fetch(`${new URL(api.url).origin}/.well-known/oauth-protected-resource`, {
    method,
  });
  await api.stop();
  expect([response.status, await response.text()]).toEqual([method === 'HEAD' ? 200 : 204, '']);
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
});

describe('a server for each resource', () => {
  const url = 'https://mcp.test/{organization}/{database}';
  const wellKnown = 'https://mcp.test/.well-known/oauth-protected-resource';

  test('has a document for each, about its own address', async () => {
    const handle = createResourceServer({ ...options, url }).serveMetadata();
    const resourceAt = async (address: string) =>
      ((await handle(new Request(address))?.json()) as { resource: string } | undefined)?.resource;
    expect(await resourceAt(`${wellKnown}/acme/shop`)).toBe('https://mcp.test/acme/shop');
    expect(await resourceAt(`${wellKnown}/vault/ledger`)).toBe('https://mcp.test/vault/ledger');
    for (const path of [
      '',
      '/acme',
      '/acme/shop/main',
      '/acme/Shop',
      '/{organization}/{database}',
    ]) {
      expect(await resourceAt(wellKnown + path)).toBeUndefined();
    }
    expect(await resourceAt('https://mcp.test/acme/shop')).toBeUndefined();
  });

  test('is described for the path of a request', () => {
    const server = createResourceServer({ ...options, url: `${url}/mcp/` });
    const path = '/acme/shop/mcp/messages';
    expect(server.metadata({}, path).resource).toBe('https://mcp.test/acme/shop/mcp/');
    expect(() => server.metadata()).toThrow('name the path of a resource');
    expect(() => server.metadata({}, '/acme/shop/mcpx')).toThrow('name the path of a resource');
  });

  test.each([
    'https://mcp.test/{table}',
    'https://mcp.test/{organization',
    'http://{organization}/',
  ])('%s is no address', (wrong) => {
    expect(() => createResourceServer({ ...options, url: wrong })).toThrow(TypeError);
  });
});
