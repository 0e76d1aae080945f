/** RFC 9207, Issuer Identification: every answer to an authorization request says who gave it. */

import { beforeAll, expect, test } from 'vitest';
import { authorize, type Change } from '../support/authorize.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { consentTo, demoApp, obtainCode } from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { createUserAgent } from '../support/user-agent.ts';

const dba = 'dba@acme.test';
const scope = 'database:read_database';
const server = forAllTests(startTestServer);
const agent = forAllTests(() => createUserAgent(server.issuer));

beforeAll(async () => {
  await consentTo(server, demoApp, dba, scope, ['acme/shop']);
  await obtainCode(server, demoApp, dba, scope, agent);
});

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
