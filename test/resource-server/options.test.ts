/** A resource server that is set up wrongly is not made at all. */

import { expect, test } from 'vitest';
import { createResourceServer } from '../../src/resource-server/resource-server.ts';

const options = { issuer: 'https://usher.test', clientId: 'api', clientSecret: 'secret' };

test.each([
  ['no issuer', { issuer: undefined }],
  ['an issuer without https', { issuer: 'http://usher.test' }],
  ['an issuer with a slash at the end', { issuer: 'https://usher.test/' }],
  ['an issuer with a path', { issuer: 'https://usher.test/oauth' }],
  ['no client id', { clientId: '' }],
  ['no secret', { clientSecret: undefined }],
  ['an address without https', { url: 'http://api.test' }],
  ['an address with a query', { url: 'https://api.test/?v=1' }],
  ['an address with a quote', { url: 'https://api.test/"' }],
  ['no time to wait', { timeoutMilliseconds: 0 }],
  ['no room for a question', { maximumInFlight: 0.5 }],
])('%s is refused', (_what, change) => {
  expect(() => createResourceServer({ ...options, ...(change as object) })).toThrow(TypeError);
});

test.each(['http://localhost:3000', 'http://127.0.0.1:3000', 'http://[::1]:3000'])(
  '%s is this machine',
  (issuer) => {
    createResourceServer({ ...options, issuer }).close();
  },
);

test.each([
  ['no options', undefined],
  ['no resource', {}],
  ['a resource that is no function', { resource: 'br_1' }],
])('a guard with %s is refused', (_what, guarded) => {
  const server = createResourceServer(options);
  const scope = 'branch:read_branch';
  expect(() => server.requireScope(scope, guarded as never)).toThrow(TypeError);
  expect(() => server.koa.requireScope(scope, guarded as never)).toThrow(TypeError);
});

test.each([
  ['a bare name', 'read_branch'],
  ['a list, which says neither all nor any', ['branch:read_branch']],
  ['nothing', undefined],
  ['all of nothing', { every: true, scopes: [] }],
])('a guard for %s is refused', (_what, scope) => {
  const server = createResourceServer(options);
  expect(() => server.requireScope(scope as never, { resource: () => 'user' })).toThrow(TypeError);
});

test('metadata without an address is refused', () => {
  expect(() => createResourceServer(options).metadata()).toThrow(TypeError);
});
