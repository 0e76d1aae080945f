/** RFC 6749 section 3.1 and 4.1, The OAuth 2.0 Authorization Framework: the authorization endpoint. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import {
  authorize,
  type Change,
  expectErrorPage,
  expectErrorRedirect,
  visit,
} from '../support/authorize.ts';
import { consentedBrowser } from '../support/consented.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  authorizationRequest,
  callbackOf,
  consentTo,
  demoApi,
  demoApp,
  demoCli,
  obtainTokens,
  signInFor,
  tinyApp,
} from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { createUserAgent, fill } from '../support/user-agent.ts';

const dba = 'dba@acme.test';
const scope = 'database:read_database';
const server = forAllTests(startTestServer);
/** Signed in, and consented to `demo-app` for `scope`. */
const agent = forAllTests(() =>
  consentedBrowser(server, [demoApp, demoCli], dba, scope, ['acme/shop']),
);

describe('section 3.1.2, redirection endpoint', () => {
  const registered = demoApp.redirectUri;

  test.each([
    'https://evil.test/cb',
    `${registered}/`,
    `${registered}?x=1`,
    `${registered}#x`,
    `${registered}#`,
    registered.toUpperCase(),
    registered.replace('http:', 'HTTP:'),
    registered.replace('http:', 'https:'),
    registered.replace(':8765', ':8764'),
    registered.replace(':8765', ''),
    registered.replace('localhost', '127.0.0.1'),
    registered.replace('localhost', 'localhost.evil.test'),
    registered.replace('//', '//user@'),
    registered.replace('//localhost', '//evil.test\\@localhost'),
    `${registered}/..;/x`,
    `${registered}%2f..`,
    registered.replace('/callback', '/x/../callback'),
    `${registered}\\evil`,
    ` ${registered}`,
    `${registered}%00`,
    'javascript:alert(1)',
    '//evil.test',
    '',
  ])('%j is not the registered address', async (redirectUri) => {
    expectErrorPage(await authorize(server, demoApp, { redirect_uri: redirectUri }));
  });

  test('no other string is taken for a registered one', async () => {
    const registeredAll = [registered, `${server.issuer}/demo/callback`];
    const near = fc
      .tuple(fc.constantFrom(...registeredAll), fc.nat(60), fc.string({ maxLength: 3 }))
      .map(([uri, at, text]) => uri.slice(0, at) + text + uri.slice(at));
    await fc.assert(
      fc.asyncProperty(fc.oneof(near, fc.webUrl()), async (redirectUri) => {
        fc.pre(!registeredAll.includes(redirectUri));
        expectErrorPage(await authorize(server, demoApp, { redirect_uri: redirectUri }));
      }),
      { numRuns: 60 },
    );
  });

  test('it cannot be left out, even if only one is registered', async () => {
    for (const client of [demoApp, tinyApp]) {
      expectErrorPage(await authorize(server, client, { redirect_uri: undefined }));
    }
  });

  test.each<[Change]>([
    [{ prompt: 'none' }],
    [{ scope: 'bogus' }],
    [{ response_type: 'token' }],
    [{ state: ['1', '2'] }],
    [{ code_challenge: undefined }],
    [{ request: 'eyJhbGciOiJub25lIn0.e30.' }],
  ])('no error is sent to an unregistered address: %j', async (change) => {
    const evil = { redirect_uri: 'https://evil.test/cb' };
    const { location } = await authorize(server, demoApp, { ...change, ...evil });
    expect(location).toBeUndefined();
  });

  test('RFC 8252 section 7.3: a native application may use any port on its loopback address', async () => {
    const { location } = await authorize(server, demoCli, {
      redirect_uri: 'http://127.0.0.1:5555/callback',
    });
    expect(location?.pathname).toMatch(/^\/interaction\//);
  });

  test.each([
    'http://127.1/callback',
    'http://127.0.0.1.evil.test/callback',
    'http://[::1]:5/callback',
    'http://localhost:5/callback',
    'http://2130706433:5/callback',
    'http://127.0.0.1:5/callback/x',
    'https://127.0.0.1:5/callback',
  ])('RFC 8252: nothing else of it may vary: %s', async (redirectUri) => {
    expectErrorPage(await authorize(server, demoCli, { redirect_uri: redirectUri }));
  });
});

describe('section 3.1, parameters', () => {
  test.each(['nobody', '<script>x</script>', '', 'demo-app\u0000', 'https://evil.test/client'])(
    'an unknown client_id %j gives a page, with the value escaped',
    async (clientId) => {
      const answer = await authorize(server, demoApp, { client_id: clientId });
      expectErrorPage(answer);
      if (clientId !== '') expect(answer.html).not.toContain('<script>x');
    },
  );

  test('a suspended client is as unknown as one that never was', async () => {
    await setStatus('suspended');
    expectErrorPage(await authorize(server, tinyApp));
    await setStatus('active');
    expect((await authorize(server, tinyApp)).location?.pathname).toMatch(/^\/interaction\//);
  });

  test('a repeated client_id or redirect_uri gives a page', async () => {
    for (const change of [
      { client_id: ['demo-app', 'tiny-app'] },
      { redirect_uri: [demoApp.redirectUri, 'https://evil.test'] },
      { redirect_uri: ['https://evil.test', demoApp.redirectUri] },
    ]) {
      expectErrorPage(await authorize(server, demoApp, change));
    }
  });

  test('a repeated state is told to the application, without a state', async () => {
    const answer = await authorize(server, demoApp, { state: ['1', '2'] });
    expect(expectErrorRedirect(answer, demoApp, 'invalid_request').get('state')).toBeNull();
  });

  test('unknown parameters are ignored, and the order of scopes is irrelevant', async () => {
    const change = { extra: 'foobar', scope: `${scope} openid` };
    await consentTo(server, demoApp, dba, change.scope, ['acme/shop']);
    const { location } = await authorize(server, demoApp, change, agent);
    expect(location?.searchParams.get('code')).toMatch(/^usher_ac_/);
  });

  test('a character that cannot be stored is refused', async () => {
    for (const change of [
      { state: 'a\u0000' },
      { scope: `${scope} \u0000` },
      { nonce: '\u0000' },
    ]) {
      const { location } = await authorize(server, demoApp, change);
      expect(location?.searchParams.get('error')).toMatch(/^invalid_(request|scope)$/);
    }
  });

  test('a long state comes back whole, and none is invented', async () => {
    const state = 'ä+%20&='.repeat(300);
    const withState = await authorize(server, demoApp, { state }, agent);
    expect(withState.location?.searchParams.get('state')).toBe(state);
    const without = await authorize(server, demoApp, { state: undefined }, agent);
    expect(without.location?.searchParams.has('state')).toBe(false);
  });
});

describe('section 4.1.2.1, error response', () => {
  test.each([
    ['token', 'unsupported_response_type'],
    ['id_token', 'unsupported_response_type'],
    ['code token', 'unsupported_response_type'],
    ['code id_token', 'unsupported_response_type'],
    ['none', 'unsupported_response_type'],
    [undefined, 'invalid_request'],
  ])('response_type %j is %s', async (responseType, error) => {
    const answer = await authorize(server, demoApp, { response_type: responseType });
    expect(answer.location?.hash).toBe('');
    expect(expectErrorRedirect(answer, demoApp, error).get('state')).toBe('state-1');
  });

  test.each(['fragment', 'form_post', 'web_message', 'jwt', 'bogus'])(
    'response_mode %s is refused: answers go in the query',
    async (mode) => {
      const answer = await authorize(server, demoApp, { response_mode: mode }, agent);
      expect(answer.location?.hash).toBe('');
      expectErrorRedirect(answer, demoApp, 'unsupported_response_mode');
    },
  );

  test.each([
    ['request', 'eyJhbGciOiJub25lIn0.e30.', 'request_not_supported'],
    ['request_uri', 'http://169.254.169.254/', 'request_uri_not_supported'],
    ['registration', '{}', 'registration_not_supported'],
  ])('%s is refused, and nothing is fetched', async (name, value, error) => {
    expectErrorRedirect(await authorize(server, demoApp, { [name]: value }), demoApp, error);
  });

  test('a client without the code grant cannot ask', async () => {
    const { location } = await authorize(server, { ...demoApi, redirectUri: demoApp.redirectUri });
    expect(location).toBeUndefined();
  });

  test('the user cancels: access_denied with state', async () => {
    const browser = createUserAgent(server.issuer);
    const { url } = authorizationRequest(server, tinyApp, 'user:read_user');
    const page = await signInFor(browser, url, dba);
    const answer = callbackOf(
      await browser.submit(page, (fields) => fill(fields, 'action', 'cancel'), '/consent'),
    );
    expect(Object.fromEntries(answer)).toMatchObject({ error: 'access_denied', state: 'state-1' });
    expect(answer.get('code')).toBeNull();
  });

  test('descriptions are clean text', async () => {
    const { location } = await authorize(server, demoApp, { scope: 'a"b' });
    const description = location?.searchParams.get('error_description') ?? '';
    expect(description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/);
  });
});

describe('section 3.3, scope', () => {
  test.each([
    ['a word that is not in the catalogue', 'database:read_database bogus', 'bogus'],
    ['a level that the name does not have', 'user:read_database', 'user:read_database'],
    ['a name in another case', 'database:READ_database', 'database:READ_database'],
  ])('%s is invalid_scope, and the error names it', async (_case, asked, named) => {
    const answer = await authorize(server, demoApp, { scope: asked });
    const parameters = expectErrorRedirect(answer, demoApp, 'invalid_scope');
    expect(parameters.get('error_description')).toContain(named);
  });

  test('a scope that the client did not register is invalid_scope, and the error names it', async () => {
    const asked = 'database:read_database database:delete_database';
    const answer = await authorize(server, tinyApp, { scope: asked });
    const parameters = expectErrorRedirect(answer, tinyApp, 'invalid_scope');
    expect(parameters.get('error_description')).toContain('database:delete_database');
    expect(parameters.get('error_description')).not.toContain('database:read_database');
  });

  test.each([undefined, '', ' '])('no scope (%j) is invalid_scope', async (asked) => {
    const answer = await authorize(server, demoApp, { scope: asked }, agent);
    const parameters = expectErrorRedirect(answer, demoApp, 'invalid_scope');
    expect(parameters.has('scope')).toBe(false);
  });

  test('a bare name means the levels that the client registered, and the answer is canonical', async () => {
    const canonical = 'database:read_database database:read_branches';
    await consentTo(server, tinyApp, dba, canonical, ['acme/shop']);
    const { scope: issued } = await obtainTokens(
      server,
      tinyApp,
      dba,
      'read_branches read_database',
      agent,
    );
    expect(issued.split(' ').toSorted()).toEqual(canonical.split(' ').toSorted());
  });

  test('the issued scope is what was consented, when that is less than asked', async () => {
    const asked = 'database:read_database database:delete_database';
    await consentTo(server, demoApp, dba, asked, []);
    await consentTo(server, demoApp, dba, scope, ['acme/shop']);
    expect((await obtainTokens(server, demoApp, dba, asked, agent)).scope).toBe(scope);
  });
});

describe('OpenID Connect Core section 3.1.2.1, prompt and max_age', () => {
  test('prompt=none without a session is login_required', async () => {
    expectErrorRedirect(
      await authorize(server, demoApp, { prompt: 'none' }),
      demoApp,
      'login_required',
    );
  });

  test('prompt=none without a consent is consent_required', async () => {
    const change = { prompt: 'none', scope: 'database:write_database' };
    expectErrorRedirect(
      await authorize(server, demoApp, change, agent),
      demoApp,
      'consent_required',
    );
  });

  test('prompt=none for a public client is consent_required: it could be anyone', async () => {
    const answer = await authorize(server, demoCli, { prompt: 'none' }, agent);
    expectErrorRedirect(answer, demoCli, 'consent_required');
  });

  test('prompt=none with session and consent gives a code', async () => {
    const { location } = await authorize(server, demoApp, { prompt: 'none' }, agent);
    expect(location?.searchParams.get('code')).toMatch(/^usher_ac_/);
  });

  test('prompt=none for a suspended account is login_required', async () => {
    const { db } = server.database;
    const update = statement('update accounts set status = $2 where email = $1');
    await db.query(update, [dba, 'suspended']);
    const answer = await authorize(server, demoApp, { prompt: 'none' }, agent);
    await db.query(update, [dba, 'active']);
    expectErrorRedirect(answer, demoApp, 'login_required');
  });

  test('prompt=login asks for the password again', async () => {
    const { url } = authorizationRequest(server, demoApp, scope, { prompt: 'login' });
    expect((await agent.get(url)).html).toContain('type="password"');
  });

  test('max_age asks again when the sign-in is older', async () => {
    const change = { max_age: '1000', scope: `openid ${scope}` };
    await consentTo(server, demoApp, dba, change.scope, ['acme/shop']);
    const fresh = await authorize(server, demoApp, change, agent);
    expect(fresh.location?.searchParams.get('code')).toMatch(/^usher_ac_/);
    await server.database.db.query(
      statement(`update sessions set payload =
        jsonb_set(payload, '{loginTs}', to_jsonb((payload->>'loginTs')::bigint - 2000))
        where payload ? 'loginTs'`),
    );
    const stale = await authorize(server, demoApp, change, agent);
    expect(stale.location?.pathname).toMatch(/^\/interaction\//);
  });

  test('an interaction of another browser is not found', async () => {
    const { location } = await authorize(server, demoApp);
    const stranger = await visit(location?.href ?? '', createUserAgent(server.issuer));
    expect(stranger.status).toBe(404);
  });
});

async function setStatus(status: string): Promise<void> {
  await server.database.db.query(statement('update clients set status = $2 where id = $1'), [
    tinyApp.id,
    status,
  ]);
}
