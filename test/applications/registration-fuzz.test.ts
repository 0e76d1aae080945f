/** RFC 7591 and 7592: whatever is sent, the answer is a right one and what is stored is valid. */

import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { checkMetadata } from '../../src/applications/register.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  type Answer,
  type Json,
  type Registered,
  run,
  startRegistrationServer,
  usual,
} from './registration-server.ts';

const server = forAllTests(startRegistrationServer);
let client: Registered;
beforeAll(async () => {
  client = await server.register();
});

const runs = { numRuns: 150 };

const names = [
  'redirect_uris',
  'client_name',
  'application_type',
  'grant_types',
  'response_types',
  'token_endpoint_auth_method',
  'jwks',
  'jwks_uri',
  'scope',
  'client_uri',
  'contacts',
  'software_id',
  'dpop_bound_access_tokens',
  'id_token_signed_response_alg',
  'client_id',
  'client_secret',
  'registration_access_token',
  '__proto__',
  'constructor',
];

const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: 'binary' }),
  fc.webUrl(),
  fc.array(fc.webUrl({ withQueryParameters: true, withFragments: true })),
  fc.constantFrom<unknown>(
    'none',
    'native',
    ['refresh_token'],
    'read_branches openid',
    '\u0000',
    null,
  ),
);

const right = fc.record(
  {
    client_name: fc.constantFrom('Acme', 'Caf\u00e9', '\u5317\u4eac', ' two  words '),
    redirect_uris: fc.uniqueArray(
      fc.domain().map((host) => `https://${host}/cb`),
      { minLength: 1 },
    ),
    token_endpoint_auth_method: fc.constantFrom('none', 'client_secret_post'),
    grant_types: fc.constant(['refresh_token', 'authorization_code']),
    scope: fc.constantFrom('read_branches openid', 'database:read_database', 'email'),
    software_id: fc.string({ minLength: 1, maxLength: 64 }),
    dpop_bound_access_tokens: fc.boolean(),
    id_token_signed_response_alg: fc.constantFrom('RS256', 'ES256'),
  },
  { requiredKeys: [] },
);

/** Something like metadata: right members, and now and then wrong ones among them. */
const wrong = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 3 });
const metadata = fc
  .tuple(right, fc.oneof({ arbitrary: fc.constant({}), weight: 2 }, wrong))
  .map(([good, bad]): Json => ({ ...usual, ...good, ...bad }));

const anything = fc.oneof({ arbitrary: metadata, weight: 4 }, fc.jsonValue(), wrong);

/** What an answer gives back can be registered as it is: so nothing that is invalid was stored. */
function expectValid(answer: Answer): void {
  const checked = checkMetadata(answer.body, true);
  expect(checked).toMatchObject({ outcome: 'valid' });
  const { metadata: stored } = checked as { metadata: Json };
  expect(answer.body).toMatchObject(JSON.parse(JSON.stringify(stored)));
}

function expectRefusal({ status, body }: Answer): void {
  expect(status).toBe(400);
  expect(body['error']).toMatch(/^invalid_(redirect_uri|client_metadata|software_statement)$/);
  expect(body['error_description']).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
}

async function countClients(): Promise<number> {
  const [row] = await run<{ n: number }>(server.db, 'select count(*)::int as n from clients');
  return row?.n ?? -1;
}

test('any JSON to register', async () => {
  await fc.assert(
    fc.asyncProperty(anything, async (body) => {
      const before = await countClients();
      const answer = await server.post(JSON.stringify(body));
      if (answer.status === 201) expectValid(answer);
      else expectRefusal(answer);
      expect((await countClients()) - before).toBe(answer.status === 201 ? 1 : 0);
    }),
    runs,
  );
});

test('any JSON to change', async () => {
  await fc.assert(
    fc.asyncProperty(anything, async (body) => {
      const named =
        typeof body === 'object' && !Array.isArray(body) ? { client_id: client.id, ...body } : body;
      const { path, token } = client;
      const sent = { method: 'PUT', token, body: JSON.stringify(named) };
      const answer = await server.send(path, sent);
      if (answer.status !== 200) return expectRefusal(answer);
      expectValid(answer);
      client = { ...client, token: String(answer.body['registration_access_token']) };
      const read = await server.send(path, { token: client.token });
      const { client_secret, client_secret_expires_at, ...told } = answer.body;
      expect(read.body).toEqual(told);
    }),
    runs,
  );
});

test('any bytes, under any content type', async () => {
  const types = [
    'application/json',
    'application/json; charset=latin1',
    'text/html',
    'multipart/x',
    ';',
  ];
  await fc.assert(
    fc.asyncProperty(fc.uint8Array(), fc.constantFrom(...types), async (bytes, type) => {
      const answer = await server.post(Buffer.from(bytes), { 'Content-Type': type });
      expect([400, 415]).toContain(answer.status);
      expect(answer.body['error']).toBe('invalid_client_metadata');
    }),
    runs,
  );
});

test('any credentials at any client', async () => {
  const text = fc.string({ unit: 'grapheme-ascii' });
  const method = fc.constantFrom('GET', 'PUT', 'DELETE');
  await fc.assert(
    fc.asyncProperty(method, text, text, async (method, id, token) => {
      const path = `/oauth/register/${encodeURIComponent(id) || 'x'}`;
      const body = method === 'PUT' ? usual : undefined;
      const answer = await server.send(path, { method, headers: { Authorization: token }, body });
      expect([401, 404, 405]).toContain(answer.status);
    }),
    runs,
  );
});

test('none of this was a failure of ours', () => {
  expect(server.failures).toEqual([]);
});
