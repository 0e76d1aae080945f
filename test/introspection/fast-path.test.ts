/**
 * RFC 7662: the fast path and the library answer the same request alike.
 *
 * Both are asked through the running server: an `Accept` header that the fast path does not know
 * sends the same request to the library.
 */

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { statement } from '../../src/storage/database.ts';
import {
  consentTo,
  demoApp,
  idOf,
  obtainTokens,
  refresh,
  type TestClient,
} from '../support/oauth.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const scope =
  'openid user:read_user organization:read_databases database:read_database database:write_branches';
let server: TestServer;
let tokens: string[];
let resources: string[];

beforeAll(async () => {
  server = await startTestServer();
  await consentTo(server, demoApp, 'member@acme.test', scope, ['user', 'acme', 'acme/shop']);
  const one = await obtainTokens(server, demoApp, 'member@acme.test', scope);
  const two = (await refresh(server, demoApp, one.refresh_token)).body;
  const dead = await obtainTokens(server, demoApp, 'member@acme.test', scope);
  await server.database.db.query(
    statement(`
      update tokens set expires_at = now() - interval '1 second'
      where id in (select id from tokens order by issued_at desc limit 2)`),
  );
  tokens = [one, two, dead].flatMap((answer) => [answer.access_token, answer.refresh_token]);
  const db = server.database.db;
  resources = [
    'user',
    'organizations/acme',
    '/organizations/acme/databases/shop',
    'organizations/acme/databases/shop/branches/main',
    'organizations/vault/databases/ledger',
    'organizations/nowhere',
    `br_${(await idOf(db, 'acme/shop/main')).replaceAll('-', '')}`,
    `db_${(await idOf(db, 'acme/analytics')).replaceAll('-', '')}`,
    'external:none',
    'ümlaut & more',
  ];
});
afterAll(() => server.close());

const viaLibrary = 'application/json;q=0.9, */*;q=0.1';

interface Request {
  readonly authorization: string | undefined;
  readonly body: string;
}

async function ask({ authorization, body }: Request, accept: string) {
  const response = await fetch(`${server.issuer}/oauth/introspect`, {
    method: 'POST',
    headers: {
      accept,
      'content-type': 'application/x-www-form-urlencoded',
      ...(authorization === undefined ? {} : { authorization }),
    },
    body,
  });
  const text = await response.text();
  return {
    status: response.status,
    json: JSON.parse(text),
    challenge: response.headers.get('www-authenticate'),
    cacheControl: response.headers.get('cache-control'),
  };
}

async function expectSame(request: Request) {
  const [fast, library] = [await ask(request, '*/*'), await ask(request, viaLibrary)];
  expect(fast, JSON.stringify(request)).toEqual(library);
  return fast;
}

const basic = ({ id, secret }: Pick<TestClient, 'id' | 'secret'>) =>
  `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret ?? '')}`).toString('base64')}`;
const demoApi = basic({ id: 'demo-api', secret: 'demo-api-secret' });

/** Credentials in the header, in the body, right, wrong, missing and malformed. */
const credentials = fc.constantFrom<readonly [string | undefined, Record<string, string>]>(
  [demoApi, {}],
  [demoApi, {}],
  [basic({ id: 'vault-api', secret: 'vault-api-secret' }), {}],
  [basic({ id: 'demo-app', secret: 'demo-app-secret' }), {}],
  [undefined, { client_id: 'demo-api', client_secret: 'demo-api-secret' }],
  [undefined, { client_id: 'demo-api', client_secret: 'wrong' }],
  [undefined, { client_id: 'demo-cli' }],
  [undefined, {}],
  [basic({ id: 'demo-api', secret: 'wrong' }), {}],
  [basic({ id: 'demo-cli', secret: 'x' }), {}],
  [basic({ id: 'nobody', secret: 'demo-api-secret' }), {}],
  [basic({ id: 'nobody', secret: '' }), {}],
  [basic({ id: 'd\0mo', secret: 'x' }), {}],
  [demoApi, { client_id: 'demo-api' }],
  [demoApi, { client_id: 'other' }],
  [demoApi, { client_secret: 'demo-api-secret' }],
  [undefined, { client_id: 'd\0mo', client_secret: 'x' }],
  ['Bearer abc', {}],
  ['Basic not-base64!', {}],
  ['Basic', {}],
  [undefined, { client_assertion: 'x', client_assertion_type: 'y' }],
);

describe('the fast path answers as the library does', () => {
  test('any plain or odd request', { timeout: 120_000 }, async () => {
    const request = fc.record({
      credentials,
      token: fc.oneof(
        { weight: 6, arbitrary: fc.nat(5) },
        { weight: 1, arbitrary: fc.string({ maxLength: 40 }) },
        { weight: 1, arbitrary: fc.constantFrom('', 'usher_at_x', 'eyJhbGciOiJub25lIn0.e30.') },
      ),
      resource: fc.option(fc.nat(9), { nil: undefined }),
      hint: fc.option(fc.constantFrom('access_token', 'refresh_token', 'nonsense', ''), {
        nil: undefined,
      }),
      repeated: fc.option(fc.constantFrom('token', 'client_id', 'token_type_hint', 'resource'), {
        nil: undefined,
        freq: 8,
      }),
      extra: fc.option(fc.tuple(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 })), {
        nil: undefined,
        freq: 5,
      }),
    });
    const runs = Number(process.env['DIFFERENTIAL_RUNS'] ?? 400);
    await fc.assert(
      fc.asyncProperty(request, async ({ credentials: [authorization, inBody], ...rest }) => {
        const token = typeof rest.token === 'number' ? (tokens[rest.token] ?? '') : rest.token;
        const fields = new URLSearchParams({ token, ...inBody });
        const resource = rest.resource === undefined ? undefined : resources[rest.resource];
        if (resource !== undefined) fields.set('resource', resource);
        if (rest.hint !== undefined) fields.set('token_type_hint', rest.hint);
        if (rest.repeated !== undefined) fields.append(rest.repeated, 'again');
        if (rest.extra !== undefined) fields.append(...rest.extra);
        await expectSame({ authorization, body: fields.toString() });
      }),
      { numRuns: runs },
    );
  });

  test.each<[sentence: string, body: string]>([
    ['an empty body', ''],
    ['no token', 'resource=user'],
    ['a broken escape', 'token=%zz'],
    ['raw bytes beyond ASCII', 'token=tök&x=ü'],
    ['names without values', 'token&resource'],
    ['a plus and escapes', 'token=a+b%20c'],
    ['a body of 60,000 bytes', `token=x&pad=${'x'.repeat(60_000)}`],
  ])('%s', async (_sentence, body) => {
    await expectSame({ authorization: demoApi, body });
  });

  test('a live token, so that the comparison is not between two refusals', async () => {
    const body = new URLSearchParams({ token: tokens[2] ?? '', resource: resources[2] ?? '' });
    const answer = await expectSame({ authorization: demoApi, body: body.toString() });
    expect(answer).toMatchObject({ status: 200, json: { active: true } });
    expect(answer.json.scope).toContain('database:read_database');
  });
});
