/** RFC 9728: what a client can learn before it has a token. */

import * as oauth from 'oauth4webapi';
import { expect, test } from 'vitest';
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
