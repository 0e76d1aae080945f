/** RFC 9207, Issuer Identification: every answer to an authorization request says who gave it. */

import { expect, test } from 'vitest';
import { authorize, type Change } from '../support/authorize.ts';
import { consentedBrowser } from '../support/consented.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { demoApp } from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';

const dba = 'dba@acme.test';
const scope = 'database:read_database';
const server = forAllTests(startTestServer);
const agent = forAllTests(() => consentedBrowser(server, demoApp, dba, scope, ['acme/shop']));

test.each<[string, Change]>([
  ['a code', {}],
  ['a refused scope', { scope: 'bogus' }],
  ['a refused response type', { response_type: 'token' }],
  ['a refused response mode', { response_mode: 'fragment' }],
  ['a refused prompt', { prompt: 'none', scope: 'database:write_database' }],
  ['a missing challenge', { code_challenge: undefined }],
  ['a repeated parameter', { state: ['1', '2'] }],
  ['an iss that the request brings', { iss: 'https://evil.test' }],
])('section 2: exactly one iss with %s', async (_, change) => {
  const { location } = await authorize(server, demoApp, change, agent);
  expect(location?.searchParams.getAll('iss')).toEqual([server.issuer]);
});
