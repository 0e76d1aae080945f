/** OpenID Connect Core 1.0: the ID token, userinfo, and what a request may say about the sign-in. */

import { createHash } from 'node:crypto';
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { addClientSecret } from '../../src/storage/clients/client-secrets.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { authorize, expectErrorRedirect } from '../support/authorize.ts';
import { consentedBrowser } from '../support/consented.ts';
import { createDpopKey } from '../support/dpop.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { secretsAtRest } from '../support/issued-secrets.ts';
import {
  type Answer,
  authorizationRequest,
  callbackOf,
  consentTo,
  demoApp,
  obtainCode,
  obtainTokens,
  post,
  readAnswer,
  redeem,
  refresh,
  signInFor,
  type TestClient,
} from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { enterPassword } from '../support/sign-in.ts';
import { age } from '../support/token-rows.ts';
import { createUserAgent } from '../support/user-agent.ts';

const dba = 'dba@acme.test';
const member = 'member@acme.test';
const scope = 'openid profile email database:read_database';
const server = forAllTests(startTestServer);
const agent = forAllTests(() => consentedBrowser(server, demoApp, dba, scope, ['acme/shop']));
beforeAll(() => consentTo(server, demoApp, member, scope, ['acme/shop']));

const tokensFor = (
  change: Record<string, string> = {},
  { asked = scope, email = dba, by = agent } = {},
) => obtainTokens(server, demoApp, email, asked, by, change);

/** The claims of an ID token whose signature, issuer and audience are right. */
async function verified(idToken: string, client = demoApp, algorithm = 'RS256') {
  const { body } = await readAnswer(await fetch(`${server.issuer}/oauth/jwks`));
  const keys = createLocalJWKSet(body as JSONWebKeySet);
  const expected = { issuer: server.issuer, audience: client.id, algorithms: [algorithm] };
  return (await jwtVerify(idToken, keys, expected)).payload;
}

/** OpenID Connect Core section 3.1.3.6: the left half of the hash of the access token. */
const halfHash = (token: string) =>
  createHash('sha256').update(token).digest().subarray(0, 16).toString('base64url');

async function userinfo(headers: Record<string, string>, init: RequestInit = {}) {
  return readAnswer(await fetch(`${server.issuer}/oauth/userinfo`, { ...init, headers }));
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('section 2, the ID token', () => {
  test('is signed by a published key and says who, for whom, since when, and echoes the nonce', async () => {
    const nonce = 'n'.repeat(500);
    const { id_token, access_token } = await tokensFor({ nonce, max_age: '3600' });
    const claims = await verified(id_token);
    const now = Math.floor(Date.now() / 1000);
    expect(claims).toMatchObject({ nonce, sub: expect.stringMatching(/^user_/) });
    expect(claims['auth_time']).toBeLessThanOrEqual(now);
    expect(claims['auth_time']).toBeGreaterThan(now - 600);
    expect(claims.exp).toBe((claims.iat ?? 0) + 3600);
    expect(claims['at_hash']).toBe(halfHash(access_token));
  });

  test('says who the person is as far as the consented scopes go', async () => {
    const profile = { name: expect.any(String) };
    const mail = { email: dba, email_verified: true };
    const cases: [asked: string, told: object, untold: string[]][] = [
      [scope, { ...profile, ...mail }, []],
      ['openid email database:read_database', mail, ['name']],
      ['openid profile database:read_database', profile, ['email', 'email_verified']],
      ['openid database:read_database', {}, ['name', 'email', 'email_verified']],
    ];
    for (const [asked, told, untold] of cases) {
      const claims = await verified((await tokensFor({}, { asked })).id_token);
      expect(claims).toMatchObject(told);
      for (const claim of untold) expect(claims).not.toHaveProperty(claim);
    }
  });

  test('does not where the setting says so; userinfo does', async () => {
    const terse = await startTestServer({ PROFILE_IN_ID_TOKEN: 'off' });
    await consentTo(terse, demoApp, dba, scope, ['acme/shop']);
    const { id_token, access_token } = await obtainTokens(terse, demoApp, dba, scope);
    const headers = bearer(access_token);
    const info = await readAnswer(await fetch(`${terse.issuer}/oauth/userinfo`, { headers }));
    await terse.close();
    expect(decodeJwt(id_token)).not.toHaveProperty('email');
    expect(info.body.email).toBe(dba);
  });

  test('is there for those who ask with openid, and for nobody else', async () => {
    const plain = await tokensFor({}, { asked: 'database:read_database' });
    expect(plain).not.toHaveProperty('id_token');
  });

  test('of a refresh is about the same sign-in', async () => {
    const first = await tokensFor({ nonce: 'once', max_age: '3600' });
    const { body } = await refresh(server, demoApp, first.refresh_token);
    const [one, two] = [await verified(first.id_token), await verified(body.id_token)];
    expect([two.sub, two['auth_time']]).toEqual([one.sub, one['auth_time']]);
    expect(two).toMatchObject({ at_hash: halfHash(body.access_token), email: dba });
  });
});

describe('Registration section 2 and Discovery section 3, how ID tokens are signed', () => {
  const redirectUri = 'http://localhost:8765/callback';

  async function register(change: Record<string, unknown>): Promise<Answer> {
    const response = await fetch(`${server.issuer}/oauth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: [redirectUri], client_name: 'Signed for', ...change }),
    });
    return readAnswer(response);
  }

  test.each([
    ['RS256', 'names nothing', {}],
    ['RS256', 'asks for it', { id_token_signed_response_alg: 'RS256' }],
    ['ES256', 'asks for it', { id_token_signed_response_alg: 'ES256' }],
  ])('%s for a client that %s, and the registration says so', async (algorithm, _what, change) => {
    const { body } = await register(change);
    expect(body.id_token_signed_response_alg).toBe(algorithm);
    const client: TestClient = { id: body.client_id, secret: body.client_secret, redirectUri };
    await consentTo(server, client, dba, scope, ['acme/shop']);
    const { id_token, access_token } = await obtainTokens(server, client, dba, scope);
    const claims = await verified(id_token, client, algorithm);
    expect(claims['at_hash']).toBe(halfHash(access_token));
  });

  test.each(['none', 'HS256', 'PS256', 'EdDSA', 'rs256', '', 7])(
    '%j is refused, and the answer says what is supported',
    async (algorithm) => {
      const { status, body } = await register({ id_token_signed_response_alg: algorithm });
      expect({ status, error: body.error }).toEqual({
        status: 400,
        error: 'invalid_client_metadata',
      });
      expect(body.error_description).toBe(
        'id_token_signed_response_alg must be one of RS256, ES256',
      );
    },
  );

  test('a client that was there before ES256 was a choice keeps it, and is told so', async () => {
    const { db } = server.database;
    await db.query(
      statement(`insert into clients (id, name, auth_method, redirect_uris, grant_types, scope)
        select 'before', 'Before', auth_method, redirect_uris, grant_types, scope
        from clients where id = $1`),
      [demoApp.id],
    );
    await addClientSecret(db, 'before', 'before-secret');
    const client: TestClient = { id: 'before', secret: 'before-secret', redirectUri };
    await consentTo(server, client, dba, scope, ['acme/shop']);
    const { id_token } = await obtainTokens(server, client, dba, scope);
    await verified(id_token, client, 'ES256');
  });
});

describe('section 5.3, userinfo', () => {
  test('tells what was asked for and consented, by GET and by POST', async () => {
    const { access_token, id_token } = await tokensFor();
    const { sub } = decodeJwt(id_token);
    const expected = { sub, email: dba, email_verified: true, name: expect.any(String) };
    expect((await userinfo(bearer(access_token))).body).toEqual(expected);
    expect((await userinfo(bearer(access_token), { method: 'POST' })).body).toEqual(expected);
    const small = await tokensFor({}, { asked: 'openid database:read_database' });
    expect((await userinfo(bearer(small.access_token))).body).toEqual({ sub });
  });

  test.each(['bearer', 'BEARER'])('RFC 9110: the scheme may be spelled %s', async (scheme) => {
    const { access_token } = await tokensFor();
    const answer = await userinfo({ authorization: `${scheme} ${access_token}` });
    expect(answer.status).toBe(200);
  });

  test('a token without openid is insufficient_scope', async () => {
    const { access_token } = await tokensFor({}, { asked: 'database:read_database' });
    const { status, headers } = await userinfo(bearer(access_token));
    expect(status).toBe(403);
    expect(headers.get('www-authenticate')).toContain('error="insufficient_scope"');
  });

  test('two tokens, one in the address, or none are refused', async () => {
    const { access_token } = await tokensFor();
    const inQuery = await fetch(`${server.issuer}/oauth/userinfo?access_token=${access_token}`);
    expect([400, 401]).toContain(inQuery.status);
    const body = new URLSearchParams({ access_token });
    const twice = await userinfo(bearer(access_token), { method: 'POST', body });
    expect(twice.status).toBe(400);
    expect([400, 401]).toContain((await userinfo({})).status);
  });

  test('a token that is bound to a key needs a proof of it, and one that is not takes none', async () => {
    const key = await createDpopKey();
    const { code, verifier } = await obtainCode(server, demoApp, dba, scope, agent);
    const atToken = await key.proof(`${server.issuer}/oauth/token`);
    const { body } = await redeem(server, demoApp, code, verifier, {}, atToken);
    const ath = createHash('sha256').update(body.access_token).digest('base64url');
    const proof = () => key.proof(`${server.issuer}/oauth/userinfo`, { htm: 'GET', ath });
    const authorization = `DPoP ${body.access_token}`;
    expect((await userinfo({ authorization, ...(await proof()) })).status).toBe(200);
    const once = await proof();
    expect((await userinfo({ authorization, ...once })).status).toBe(200);
    const refused = [
      { authorization, ...once },
      { authorization },
      bearer(body.access_token),
      { authorization, ...(await key.proof(`${server.issuer}/oauth/userinfo`, { htm: 'GET' })) },
      { ...bearer((await tokensFor()).access_token), ...(await proof()) },
    ];
    for (const headers of refused) expect([400, 401]).toContain((await userinfo(headers)).status);
  });

  test.each<
    [how: string, end: (tokens: Answer['body']) => Promise<unknown>, undo?: () => Promise<unknown>]
  >([
    ['it expired', ({ access_token }) => age(server, access_token, 3601)],
    [
      'it was revoked',
      ({ access_token: token }) => post(server, '/oauth/revoke', demoApp, { token }),
    ],
    [
      'its account is suspended',
      () => setStatus('accounts', 'suspended'),
      () => setStatus('accounts', 'active'),
    ],
    [
      'its application is suspended',
      () => setStatus('clients', 'suspended'),
      () => setStatus('clients', 'active'),
    ],
  ])('a token is invalid_token once %s', async (_how, end, undo) => {
    const tokens = await tokensFor();
    await end(tokens);
    const { status, headers } = await userinfo(bearer(tokens.access_token));
    await undo?.();
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  test('what is no access token is invalid_token', async () => {
    const { refresh_token, id_token } = await tokensFor();
    const others = [refresh_token, id_token, `usher_at_${'x'.repeat(49)}`, 'x'];
    for (const token of others) expect((await userinfo(bearer(token))).status).toBe(401);
  });
});

describe('section 3.1.2.1, what a request says about the sign-in', () => {
  const code = /^usher_ac_/;
  const ask = (change: Record<string, string>, by = agent) =>
    authorize(server, demoApp, { scope, ...change }, by);

  test('prompt=login and max_age end in a newer auth_time', async () => {
    const before = await verified((await tokensFor({ max_age: '3600' })).id_token);
    await server.database.db.query(
      statement(`update sessions set payload =
        jsonb_set(payload, '{loginTs}', to_jsonb((payload->>'loginTs')::bigint - 500))
        where payload ? 'loginTs'`),
    );
    const aged = await verified((await tokensFor({ max_age: '3600' })).id_token);
    expect(aged['auth_time']).toBe(Number(before['auth_time']) - 500);
    for (const change of [{ prompt: 'login', max_age: '3600' }, { max_age: '100' }]) {
      const again = await verified((await tokensFor(change)).id_token);
      expect(again['auth_time']).toBeGreaterThanOrEqual(Number(before['auth_time']));
    }
  });

  test('prompt=consent shows the page, though nothing new is asked', async () => {
    const { url } = authorizationRequest(server, demoApp, scope, { prompt: 'consent' });
    expect((await agent.get(url)).html).toContain('data-consent');
  });

  test.each([
    [{ prompt: 'none login' }],
    [{ prompt: 'none consent' }],
    [{ prompt: 'everything' }],
    [{ max_age: '-1' }],
    [{ max_age: 'soon' }],
    [{ id_token_hint: 'x' }],
    [{ id_token_hint: 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.' }],
  ])('%j is invalid_request', async (change) => {
    expectErrorRedirect(await ask(change), demoApp, 'invalid_request');
  });

  test('login_hint fills the form and does not choose the account', async () => {
    const hint = { login_hint: member };
    const { url } = authorizationRequest(server, demoApp, scope, hint);
    const stranger = createUserAgent(server.issuer);
    expect((await stranger.get(url)).html).toContain(`value="${member}"`);
    const signedIn = callbackOf(await signInFor(stranger, url, dba));
    expect(signedIn.get('code')).toMatch(code);
    expect((await ask(hint)).location?.searchParams.get('code')).toMatch(code);
  });

  test('a login_hint that is no address, or markup, is shown as text', async () => {
    const { url } = authorizationRequest(server, demoApp, scope, { login_hint: '"><script>x' });
    const page = await createUserAgent(server.issuer).get(url);
    expect(page.status).toBe(200);
    expect(page.html).not.toContain('<script>x');
  });

  test('id_token_hint of the one who is signed in changes nothing', async () => {
    const { id_token: hint } = await tokensFor();
    const { location } = await ask({ id_token_hint: hint, prompt: 'none' });
    expect(location?.searchParams.get('code')).toMatch(code);
  });

  test('id_token_hint of somebody else asks for that one, and takes nobody else', async () => {
    const other = createUserAgent(server.issuer);
    const { id_token: hint } = await tokensFor({}, { email: member, by: other });
    const silent = await ask({ id_token_hint: hint, prompt: 'none' });
    expectErrorRedirect(silent, demoApp, 'login_required');
    const { url } = authorizationRequest(server, demoApp, scope, { id_token_hint: hint });
    const wrong = await signInFor(createUserAgent(server.issuer), url, dba);
    expect(Object.fromEntries(callbackOf(wrong))).toMatchObject({
      error: 'login_required',
      state: 'state-1',
    });
    const right = await signInFor(createUserAgent(server.issuer), url, member);
    expect(callbackOf(right).get('code')).toMatch(code);
  });

  test('a request that waits does not keep the ID token of its hint', async () => {
    const { id_token: hint } = await tokensFor();
    const stranger = createUserAgent(server.issuer);
    await stranger.get(authorizationRequest(server, demoApp, scope, { id_token_hint: hint }).url);
    expect(await secretsAtRest(server.database.db)).toEqual([]);
  });

  test('an ID token with a changed subject is no hint', async () => {
    const { id_token } = await tokensFor();
    const [head, , signature] = id_token.split('.');
    const claims = { ...decodeJwt(id_token), sub: 'user_00000000000000000000000000' };
    const forged = [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature];
    const answer = await ask({ id_token_hint: forged.join('.') });
    expectErrorRedirect(answer, demoApp, 'invalid_request');
  });

  test('another person at the same browser gets a session of their own, and their own tokens', async () => {
    const shared = createUserAgent(server.issuer);
    const first = await tokensFor({}, { by: shared });
    const page = await shared.get(
      authorizationRequest(server, demoApp, scope, { prompt: 'login' }).url,
    );
    const back = await enterPassword(shared, page, member);
    expect(callbackOf(back).get('code')).toMatch(code);
    expect((await userinfo(bearer(first.access_token))).body.email).toBe(dba);
    expect((await shared.get('/account')).html).toContain(member);
  });
});

async function setStatus(table: 'accounts' | 'clients', status: string): Promise<void> {
  const where = table === 'accounts' ? 'email' : 'id';
  const row = table === 'accounts' ? dba : demoApp.id;
  await server.database.db.query(statement(`update ${table} set status = $2 where ${where} = $1`), [
    row,
    status,
  ]);
}
