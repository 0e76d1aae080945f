/** RFC 9126, Pushed Authorization Requests: used once, by the client that pushed it, for a minute. */

import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { saveClientSettings } from '../../src/storage/clients/client-settings.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { authorize, expectErrorPage, expectErrorRedirect, visit } from '../support/authorize.ts';
import { consentedBrowser } from '../support/consented.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  allow,
  callbackOf,
  demoApp,
  demoCli,
  post,
  redeem,
  signInFor,
  type TestClient,
  tinyApp,
} from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { createUserAgent } from '../support/user-agent.ts';

const dba = 'dba@acme.test';
const scope = 'database:read_database';
const server = forAllTests(startTestServer);
const agent = forAllTests(() =>
  consentedBrowser(server, [demoApp, demoCli], dba, scope, ['acme/shop']),
);

async function push(client: TestClient = demoApp, change: Record<string, string> = {}) {
  const verifier = randomBytes(32).toString('base64url');
  const answer = await post(server, '/oauth/par', client, {
    client_id: client.id,
    response_type: 'code',
    redirect_uri: client.redirectUri,
    scope,
    state: 'state-1',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...change,
  });
  return { ...answer, verifier };
}

function address(requestUri: string, client: TestClient = demoApp): string {
  const query = new URLSearchParams({ client_id: client.id, request_uri: requestUri });
  return `${server.issuer}/oauth/authorize?${query}`;
}

describe('section 2, pushing', () => {
  test('gives a reference that is hard to guess and lives for at most a minute', async () => {
    const { status, body, headers } = await push();
    expect(status).toBe(201);
    expect(body.request_uri).toMatch(/^urn:ietf:params:oauth:request_uri:[\w-]{43}$/);
    expect(body.expires_in).toBe(60);
    expect(headers.get('cache-control')).toContain('no-store');
  });

  test.each([
    ['an unregistered redirect_uri', { redirect_uri: 'https://evil.test' }, 'invalid_request'],
    [
      'a request_uri inside',
      { request_uri: 'urn:ietf:params:oauth:request_uri:x' },
      'request_uri_not_supported',
    ],
    ['an unknown scope', { scope: 'bogus' }, 'invalid_scope'],
    [
      'a response type that is not offered',
      { response_type: 'token' },
      'unsupported_response_type',
    ],
    ['another response mode', { response_mode: 'form_post' }, 'unsupported_response_mode'],
    ['PKCE by plain', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['an unknown resource', { resource: 'https://evil.test/' }, 'invalid_target'],
    ['a character that cannot be stored', { scope: `${scope} \u0000` }, 'invalid_scope'],
  ])('%s is refused at once', async (_, change, error) => {
    const { status, body } = await push(demoApp, change as Record<string, string>);
    expect({ status, error: body.error }).toEqual({ status: 400, error });
  });

  test('needs the client to prove who it is', async () => {
    expect((await push({ ...demoApp, secret: 'wrong' })).status).toBe(401);
    expect((await push({ ...demoApp, secret: undefined })).status).toBe(401);
  });
});

describe('section 4, authorization request', () => {
  test('the code flow goes on with what was pushed, with bare names expanded', async () => {
    const { body, verifier } = await push(demoApp, { scope: 'read_database' });
    const callback = callbackOf(await agent.get(address(body.request_uri)));
    expect(callback.get('state')).toBe('state-1');
    const answer = await redeem(server, demoApp, callback.get('code') ?? '', verifier);
    expect(answer).toMatchObject({ status: 200, body: { scope } });
  });

  test('parameters beside it do not count', async () => {
    const { body } = await push();
    const extra = 'scope=database:delete_database&state=other&redirect_uri=https://evil.test';
    const callback = await visit(`${address(body.request_uri)}&${extra}`, agent);
    expect(callback.location?.origin ?? '').not.toContain('evil');
    if (callback.location?.searchParams.has('code')) {
      expect(callback.location.searchParams.get('state')).toBe('state-1');
    }
  });

  test('section 7.3: it is used once', async () => {
    const { body } = await push();
    const first = await visit(address(body.request_uri), agent);
    expect(first.location?.searchParams.get('code')).toMatch(/^usher_ac_/);
    expectErrorPage(await visit(address(body.request_uri), agent));
  });

  test('of 8 parallel uses one gets a code', async () => {
    const { body } = await push();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => visit(address(body.request_uri), agent)),
    );
    const codes = answers.filter(({ location }) => location?.searchParams.has('code'));
    expect(codes).toHaveLength(1);
  });

  test('before the sign-in is finished it can be opened again; then it is used up', async () => {
    const { body, verifier } = await push(demoCli);
    const opened = await createUserAgent(server.issuer).get(address(body.request_uri, demoCli));
    expect(opened.html).toContain('type="password"');

    const browser = createUserAgent(server.issuer);
    const page = await signInFor(browser, address(body.request_uri, demoCli), dba);
    const code = callbackOf(await allow(browser, page)).get('code') ?? '';
    expect((await redeem(server, demoCli, code, verifier)).status).toBe(200);
    expectErrorPage(await visit(address(body.request_uri, demoCli), browser));
  });

  test('two sign-ins with one reference end in one code', async () => {
    const { body } = await push(demoCli);
    const finish = async () => {
      const browser = createUserAgent(server.issuer);
      const page = await signInFor(browser, address(body.request_uri, demoCli), dba);
      return () => allow(browser, page);
    };
    const [one, two] = [await finish(), await finish()];
    const pages = await Promise.all([one(), two()]);
    expect(pages.filter(({ url }) => callbackOf({ url } as never).has('code'))).toHaveLength(1);
  });

  test('it is dead after a minute, and unknown to other clients', async () => {
    const { body } = await push();
    expectErrorPage(await visit(address(body.request_uri, tinyApp), agent));
    await server.database.db.query(
      statement(`update provider_records set expires_at = now() - interval '1 second'
                  where kind = 'PushedAuthorizationRequest'`),
    );
    expectErrorPage(await visit(address(body.request_uri), agent));
  });

  test.each(['urn:ietf:params:oauth:request_uri:', 'urn:ietf:params:oauth:request_uri:#sha256:x'])(
    'nothing is found under %s',
    async (requestUri) => {
      expectErrorPage(await visit(address(requestUri), agent));
    },
  );

  test('its stored hash is no reference', async () => {
    const { body } = await push();
    const id = body.request_uri.split(':').at(-1);
    const hash = createHash('sha256').update(id).digest('base64url');
    const forged = `urn:ietf:params:oauth:request_uri:#sha256:${hash}`;
    expectErrorPage(await visit(address(forged), agent));
  });
});

test('section 6: of a client that an operator holds to it, only pushed requests are taken', async () => {
  await saveClientSettings(server.database.db, demoApp.id, { pushed_requests: 'required' });
  const plain = await authorize(server, demoApp, {}, agent);
  expectErrorRedirect(plain, demoApp, 'invalid_request');
  const { body, verifier } = await push();
  const code = callbackOf(await agent.get(address(body.request_uri))).get('code') ?? '';
  expect((await redeem(server, demoApp, code, verifier)).status).toBe(200);
  await saveClientSettings(server.database.db, demoApp.id, {});
});
