/** RFC 7591 section 5, RFC 8252, RFC 9700 section 2.6: what no application may register or change to. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Json,
  type Registered,
  type RegistrationServer,
  startRegistrationServer,
  storedClients,
  usual,
} from '../applications/registration-server.ts';

let server: RegistrationServer;
let existing: Registered;
let canary: Server;
let connections = 0;
beforeAll(async () => {
  server = await startRegistrationServer();
  existing = await server.register();
  canary = createServer((_request, response) => response.end('{}'));
  canary.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  canary.close();
  await server.close();
});

const uri = (...uris: string[]): Json => ({ redirect_uris: uris });
const web = (...uris: string[]): Json => ({ ...uri(...uris), application_type: 'web' });
const native = (...uris: string[]): Json => ({ ...uri(...uris), application_type: 'native' });
const many = Array.from({ length: 1_500 }, (_, n) => `https://a.test/${n}`);

const badRedirects: [string, Json][] = [
  ['http for a web client', uri('http://v.test/cb')],
  ['http for a native client', native('http://v.test/cb')],
  ['loopback for a web client in production', web('http://127.0.0.1/cb')],
  ['localhost for a web client in production', web('http://localhost/cb')],
  ['javascript:', native('javascript:alert(1)')],
  ['data:', native('data:text/html,x')],
  ['blob:', native('blob:https://app.test/x')],
  ['file:', native('file:///etc/passwd')],
  ['a scheme without a dot', native('myapp:/cb')],
  ['an own scheme for a web client', web('com.example.app:/cb')],
  ['a scheme that is nobody’s', uri('myapp:/cb')],
  ['javascript: of an application that does not say what it is', uri('javascript:alert(1)')],
  ['userinfo', uri('https://app.test@evil.test/cb')],
  ['a fragment', uri('https://app.test/cb#x')],
  ['an IPv4 address', uri('https://93.184.216.34/cb')],
  ['a decimal address', uri('https://1572395042/cb')],
  ['an IPv6 address', uri('https://[2001:db8::1]/cb')],
  ['a wildcard host', uri('https://*.app.test/cb')],
  ['a backslash', uri('https://app.test\\@evil.test/cb')],
  ['a tab', uri('https://app.test/\tcb')],
  ['a NUL', uri('https://app.test/\u0000cb')],
  ['a punycode look-alike', uri('https://xn--pple-43d.com/cb')],
  ['letters outside ASCII', uri('https://\u0430pple.com/cb')],
  ['a query of the answer itself', uri('https://app.test/cb?code=x')],
  ['a path that climbs', uri('https://app.test/a/../cb')],
  ['the same twice', uri('https://app.test/cb', 'https://app.test/cb')],
  ['none', uri()],
  ['no list', { redirect_uris: 'https://app.test/cb' }],
  ['something else in the list', { redirect_uris: [{ uri: 'https://app.test/cb' }] }],
  ['11 of them', uri(...many.slice(0, 11))],
];

const badMetadata: [string, Json][] = [
  ['a name of 15,000 characters', { client_name: 'x'.repeat(15_000) }],
  ['a name with a bidi override', { client_name: 'Acme \u202eknaB' }],
  ['a name with a NUL', { client_name: 'Acme\u0000' }],
  ['a name that passes for ours', { client_name: 'Usher Official' }],
  ['a scope of other characters', { scope: 'user:read_user \u0000' }],
  ['an unknown method', { token_endpoint_auth_method: 'tls_client_auth' }],
  ['no grant that is offered', { grant_types: ['client_credentials'], redirect_uris: [] }],
  ['private_key_jwt without keys', { token_endpoint_auth_method: 'private_key_jwt' }],
  [
    'private_key_jwt with keys at an IP address',
    { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://10.0.0.1/jwks' },
  ],
  ['a private key', { jwks: { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'eA', d: 'eA' }] } }],
  ['a shared key', { jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] } }],
  ['a contact that is none', { contacts: ['nobody'] }],
];

/** The same request to create and to change; nothing may be stored by either. */
async function bothRefuse(change: Json, error: string) {
  const before = await storedClients(server.db);
  for (const answer of [
    await server.post({ ...usual, ...change }),
    await server.put(existing, change),
  ]) {
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({
      error,
      error_description: expect.stringMatching(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/),
    });
  }
  expect(await storedClients(server.db)).toBe(before);
}

describe('at registration and at change alike', () => {
  test.each(badRedirects)('redirect URI: %s', (_what, change) =>
    bothRefuse(change, 'invalid_redirect_uri'),
  );
  test.each(badMetadata)('%s', (_what, change) => bothRefuse(change, 'invalid_client_metadata'));
  test('1,500 redirect URIs do not fit', () => bothRefuse(uri(...many), 'invalid_client_metadata'));
  test('56 KiB do not fit', () =>
    bothRefuse({ favourite_colour: 'x'.repeat(56 * 1024) }, 'invalid_client_metadata'));
  test('a software statement', () =>
    bothRefuse({ software_statement: 'eyJ.e30.' }, 'invalid_software_statement'));
});

describe('nothing is fetched', () => {
  const shown = ['logo_uri', 'client_uri', 'policy_uri', 'tos_uri'];
  const dropped = [
    ...['jwks_uri', 'sector_identifier_uri', 'initiate_login_uri', 'request_uris'],
    ...['backchannel_logout_uri', 'frontchannel_logout_uri'],
  ];

  /** Addresses of a server on this machine that counts who comes. */
  function addresses(): string[] {
    const { port } = canary.address() as AddressInfo;
    const hosts = ['127.0.0.1', 'localhost', '2130706433', '[::1]', '[::ffff:7f00:1]'];
    return hosts.flatMap((host) =>
      ['http', 'https'].map((scheme) => `${scheme}://${host}:${port}`),
    );
  }

  test.each(shown)('%s is refused', async (member) => {
    for (const address of addresses()) {
      await bothRefuse({ [member]: `${address}/x` }, 'invalid_client_metadata');
    }
    expect(connections).toBe(0);
  });

  test.each(dropped)('%s is dropped, as the answer shows (section 2)', async (member) => {
    const own = await server.register();
    for (const answer of [
      await server.post({ ...usual, [member]: `${addresses()[0]}/x` }),
      await server.put(own, { [member]: `${addresses()[0]}/x` }),
    ]) {
      expect([200, 201]).toContain(answer.status);
      expect(answer.body).not.toHaveProperty(member);
    }
    expect(connections).toBe(0);
  });
});

test('none of this was a failure of ours', () => {
  expect(server.failures).toEqual([]);
});
