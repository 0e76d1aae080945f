/** Whatever is sent to the OAuth endpoints, the answer is the client's fault or a right one: never 5xx. */

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import { registerWithKey } from '../support/assertions.ts';
import { createDpopKey } from '../support/dpop.ts';
import {
  authorizationRequest,
  consentTo,
  demoApp,
  obtainCode,
  obtainTokens,
} from '../support/oauth.ts';
import { sendRaw } from '../support/raw-http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createUserAgent } from '../support/user-agent.ts';

const dba = 'dba@acme.test';
const scope = 'openid database:read_database';
const runs = 400;
const basic = (id: string, secret: string) =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

let server: TestServer;
/** What is right in a request, so that some get past the first check. */
let right: Right;

interface Right {
  readonly cookie: string;
  readonly values: readonly string[];
  readonly authorization: readonly string[];
  readonly proof: string;
}

beforeAll(async () => {
  server = await startTestServer();
  await consentTo(server, demoApp, dba, scope, ['acme/shop']);
  right = await prepare();
});
afterAll(async () => {
  // Tokens were sent as `state` and the like here; what an application says of itself is kept as it is.
  await server.database.db.query(
    statement(
      `delete from provider_records where kind in ('Interaction', 'PushedAuthorizationRequest')`,
    ),
  );
  await server.close();
});

async function prepare(): Promise<Right> {
  const agent = createUserAgent(server.issuer);
  const tokens = await obtainTokens(server, demoApp, dba, scope, agent);
  const { code, verifier } = await obtainCode(server, demoApp, dba, scope, agent);
  const key = await registerWithKey(server);
  const { DPoP } = await (await createDpopKey()).proof(`${server.issuer}/oauth/token`);
  const { url } = authorizationRequest(server, demoApp, scope);
  return {
    cookie: [...agent.cookies].map((pair) => pair.join('=')).join('; '),
    values: [
      ...new URL(url).searchParams.values(),
      ...[code, verifier, tokens.access_token, tokens.refresh_token, tokens.id_token],
      await key.assertion(),
      await key.assertion({ exp: 1e300 }),
      key.id,
    ],
    authorization: [
      basic('demo-app', 'demo-app-secret'),
      basic('demo-api', 'demo-api-secret'),
      `Bearer ${tokens.access_token}`,
      `DPoP ${tokens.access_token}`,
    ],
    proof: DPoP,
  };
}

const paths = [
  ['GET', '/oauth/authorize'],
  ['POST', '/oauth/token'],
  ['POST', '/oauth/introspect'],
  ['POST', '/oauth/revoke'],
  ['POST', '/oauth/par'],
  ['GET', '/oauth/userinfo'],
  ['POST', '/oauth/userinfo'],
] as const;

const names = [
  ...['grant_type', 'code', 'code_verifier', 'redirect_uri', 'client_id', 'client_secret'],
  ...['refresh_token', 'scope', 'resource', 'token', 'token_type_hint', 'client_assertion'],
  ...['client_assertion_type', 'request', 'request_uri', 'response_type', 'response_mode'],
  ...['state', 'nonce', 'prompt', 'max_age', 'login_hint', 'id_token_hint', 'claims', 'ui_locales'],
  ...['acr_values', 'code_challenge', 'code_challenge_method', 'dpop_jkt', 'authorization_details'],
  ...['access_token', '__proto__', 'constructor', 'scope[]', ''],
];

const words = [
  ...['authorization_code', 'refresh_token', 'client_credentials', 'code', 'none', 'login', 'S256'],
  ...['openid', 'database:read_database', 'read_database', 'query', '0', '-1', '1e309', 'NaN'],
  ...['\u0000', '\ud800', '\u202e', '{"userinfo":{"sub":null}}', '[]', '{', 'null', '%', '/', ' '],
  ...['usher_at_\u0000', 'usher_rt_', 'urn:ietf:params:oauth:request_uri:\u0000', 'external:x'],
  ...['urn:ietf:params:oauth:client-assertion-type:jwt-bearer', 'eyJhbGciOiJub25lIn0.e30.'],
  ...['organizations/acme/databases/shop', 'user', 'br_00000000000000000000000000'],
];

/** A value as it stands in the form: encoded, or as it should not be. */
function encodedValue(): fc.Arbitrary<string> {
  const text = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...right.values) },
    { weight: 3, arbitrary: fc.constantFrom(...words) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  );
  return fc.oneof(
    { weight: 8, arbitrary: text.map((value) => encodeURIComponent(value.toWellFormed())) },
    { weight: 1, arbitrary: fc.constantFrom('%', '%zz', '%ff%fe', '%C0%80', '%ED%A0%80', '&&=') },
    { weight: 1, arbitrary: fc.nat(9000).map((length) => 'x'.repeat(length)) },
  );
}

/** A request that is right, with some of its parameters changed, left out, repeated or added. */
function form(): fc.Arbitrary<string> {
  const { values } = right;
  const [type, id, redirect, asked, , challenge, method] = values;
  const good = fc.constantFrom(
    { response_type: type, client_id: id, redirect_uri: redirect, scope: asked },
    { grant_type: 'authorization_code', code: values[7], code_verifier: values[8] },
    { grant_type: 'refresh_token', refresh_token: values[10], scope: asked },
    { token: values[9] },
    {},
  );
  const pair = fc.tuple(fc.constantFrom(...names), encodedValue());
  return fc
    .tuple(good, fc.array(pair, { maxLength: 5 }), fc.boolean())
    .map(([start, more, isProven]) => {
      const pkce = isProven ? { code_challenge: challenge, code_challenge_method: method } : {};
      const first = Object.entries({ ...start, ...pkce }).map(([name, value]): [string, string] => [
        name,
        encodeURIComponent(value ?? ''),
      ]);
      return [...first, ...more].map((field) => field.join('=')).join('&');
    });
}

const types = [
  ...Array(6).fill('application/x-www-form-urlencoded'),
  'application/x-www-form-urlencoded; charset=utf-16',
  'application/json',
  'multipart/form-data; boundary=x',
  '/;;=',
  '',
];

function headers(): fc.Arbitrary<Record<string, string>> {
  const odd = fc.constantFrom(
    ...['Basic', 'Basic !', 'Basic AAAA', `Basic ${'A'.repeat(5000)}`, 'Bearer', 'x y z', 'DPoP x'],
    ...[basic('a\u0000', 'b'), basic('%', '%ff'), basic('%00', '%00'), basic('', '')],
  );
  return fc.record(
    {
      authorization: fc.oneof(fc.constantFrom(...right.authorization), odd),
      cookie: fc.constantFrom(right.cookie, 'usher_session=%; usher_session.sig=x', 'a=b; =; ;'),
      'content-type': fc.constantFrom<string>(...types),
      dpop: fc.constantFrom(right.proof, 'x', 'eyJhbGciOiJub25lIiwidHlwIjoiZHBvcCtqd3QifQ.e30.'),
      accept: fc.constantFrom('application/token-introspection+jwt', 'text/html', '*/*;q=x', ''),
      origin: fc.constantFrom('https://evil.test', 'null', ''),
      'content-encoding': fc.constantFrom('gzip', 'identity', 'x'),
    },
    { requiredKeys: ['content-type'] },
  );
}

type Sent = [at: (typeof paths)[number], form: string, headers: Record<string, string>];

/** Sent first, so that what each answer looks like when all is right or plainly wrong is among them. */
function plain(): Sent[] {
  const { cookie, values, authorization } = right;
  const type = 'application/x-www-form-urlencoded';
  const { searchParams } = new URL(authorizationRequest(server, demoApp, scope).url);
  const token = `token=${values[9]}`;
  const as = (credentials = '') => ({ authorization: credentials, 'content-type': type });
  return [
    [['GET', '/oauth/authorize'], searchParams.toString(), { cookie, 'content-type': type }],
    [['POST', '/oauth/introspect'], token, as(authorization[1])],
    [['POST', '/oauth/introspect'], token, as(basic('demo-api', 'wrong'))],
    [['POST', '/oauth/introspect'], '', as(authorization[1])],
  ];
}

test('no form and no header ends with 5xx', async () => {
  const seen = new Set<number>();
  const request: fc.Arbitrary<Sent> = fc.tuple(fc.constantFrom(...paths), form(), headers());
  await fc.assert(
    fc.asyncProperty(request, async ([[method, path], fields, sent]) => {
      const isGet = method === 'GET';
      const url = `${server.issuer}${path}${isGet ? `?${fields.slice(0, 8000)}` : ''}`;
      const body = isGet ? {} : { body: fields };
      const { status } = await fetch(url, {
        method,
        headers: sent,
        redirect: 'manual',
        ...body,
      });
      seen.add(status);
      expect(status).toBeLessThan(500);
    }),
    { numRuns: runs, examples: plain().map((sent) => [sent]) },
  );
  expect([...seen]).toEqual(expect.arrayContaining([200, 303, 400, 401]));
}, 120_000);

describe('bytes that no library sends', () => {
  test.each<[what: string, lines: string[], body: string]>([
    ['no host', ['POST /oauth/token HTTP/1.0'], ''],
    [
      'two lengths',
      ['POST /oauth/token HTTP/1.1', 'Host: a', 'Content-Length: 1', 'Content-Length: 2'],
      'ab',
    ],
    [
      'a length and chunks',
      ['POST /oauth/token HTTP/1.1', 'Host: a', 'Content-Length: 3', 'Transfer-Encoding: chunked'],
      '0\r\n\r\n',
    ],
    ['a length that is none', ['POST /oauth/token HTTP/1.1', 'Host: a', 'Content-Length: x'], ''],
    [
      'two credentials',
      [
        'POST /oauth/token HTTP/1.1',
        'Host: a',
        'Authorization: Basic YTpi',
        'Authorization: Bearer x',
        'Content-Length: 0',
      ],
      '',
    ],
    [
      'a header beyond Latin-1',
      ['GET /oauth/authorize HTTP/1.1', 'Host: a', 'Cookie: usher_session=\u00ff\u00fe'],
      '',
    ],
    ['an address with broken escapes', ['GET /oauth/authorize/%ff%00 HTTP/1.1', 'Host: a'], ''],
    ['an address that climbs', ['GET /oauth/../../etc/passwd HTTP/1.1', 'Host: a'], ''],
    [
      'an address with a host of its own',
      ['GET //evil.test/oauth/authorize HTTP/1.1', 'Host: a'],
      '',
    ],
    ['an asterisk', ['OPTIONS * HTTP/1.1', 'Host: a'], ''],
    [
      'a tunnel',
      [
        'POST /oauth/token HTTP/1.1',
        'Host: a',
        'Upgrade: h2c',
        'Connection: Upgrade',
        'Content-Length: 0',
      ],
      '',
    ],
    [
      '20 KiB of headers',
      ['GET /oauth/authorize HTTP/1.1', 'Host: a', `Cookie: ${'a=b; '.repeat(4000)}`],
      '',
    ],
    [
      '500 cookies',
      [
        'GET /oauth/authorize HTTP/1.1',
        'Host: a',
        `Cookie: ${Array.from({ length: 500 }, (_, n) => `c${n}=${n}`).join('; ')}`,
      ],
      '',
    ],
  ])('%s', async (_what, lines, body) => {
    const { status } = await sendRaw(server.issuer, lines, body);
    expect(status).toBeGreaterThanOrEqual(200);
    expect(status).toBeLessThan(500);
  });
});
