/** RFC 7636, Proof Key for Code Exchange: S256 only, for every client but where an operator lifted it. */

import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { saveClientSettings } from '../../src/storage/clients/client-settings.ts';
import { authorize, expectErrorRedirect } from '../support/authorize.ts';
import { consentedBrowser } from '../support/consented.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  authorizationRequest,
  consentTo,
  demoApp,
  demoCli,
  obtainCode,
  obtainCodeFor,
  post,
  redeem,
} from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';

const dba = 'dba@acme.test';
const scope = 'database:read_database';
const server = forAllTests(startTestServer);
const agent = forAllTests(() => consentedBrowser(server, demoApp, dba, scope, ['acme/shop']));

describe('section 4.3, the challenge', () => {
  test.each([demoApp, demoCli])('$id cannot do without', async (client) => {
    const change = { code_challenge: undefined, code_challenge_method: undefined };
    expectErrorRedirect(await authorize(server, client, change), client, 'invalid_request');
  });

  test.each([
    ['method plain', { code_challenge_method: 'plain' }],
    ['no method, which means plain', { code_challenge_method: undefined }],
    ['an unknown method', { code_challenge_method: 'S512' }],
    ['42 characters', { code_challenge: 'a'.repeat(42) }],
    ['129 characters', { code_challenge: 'a'.repeat(129) }],
    ['another alphabet', { code_challenge: `${'a'.repeat(42)}+` }],
    ['two of them', { code_challenge: ['a'.repeat(43), 'b'.repeat(43)] }],
  ])('%s is invalid_request', async (_, change) => {
    expectErrorRedirect(
      await authorize(server, demoApp, change, agent),
      demoApp,
      'invalid_request',
    );
  });
});

describe('section 4.5 and 4.6, the verifier', () => {
  test('the example of appendix B', async () => {
    const request = authorizationRequest(server, demoApp, scope, {
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    });
    const { code } = await obtainCodeFor(agent, request, dba);
    const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
    expect((await redeem(server, demoApp, code, verifier)).status).toBe(200);
  });

  test('without it, or with another, a code is worth nothing, and is not burnt', async () => {
    const { code, verifier } = await obtainCode(server, demoApp, dba, scope, agent);
    const wrong = [verifier.slice(0, -1), `${verifier}A`, 'x', 'a'.repeat(128), 'a'.repeat(129)];
    for (const other of wrong) {
      const { status, body } = await redeem(server, demoApp, code, other);
      expect(status).toBe(400);
      expect(body.error).toMatch(/^invalid_(grant|request)$/);
    }
    const fields = { grant_type: 'authorization_code', code, redirect_uri: demoApp.redirectUri };
    expect((await post(server, '/oauth/token', demoApp, fields)).status).toBe(400);
    expect((await redeem(server, demoApp, code, verifier)).status).toBe(200);
  });

  test('the challenge itself is no verifier', async () => {
    const request = authorizationRequest(server, demoApp, scope);
    const challenge = new URL(request.url).searchParams.get('code_challenge') ?? '';
    const { code } = await obtainCodeFor(agent, request, dba);
    expect((await redeem(server, demoApp, code, challenge)).body.error).toBe('invalid_grant');
  });
});

describe('lifted by an operator, for one confidential client', () => {
  const bare = { code_challenge: undefined, code_challenge_method: undefined };
  const openid = `openid ${scope}`;

  beforeAll(async () => {
    await saveClientSettings(server.database.db, demoApp.id, { pkce: 'optional' });
    await consentTo(server, demoApp, dba, openid, ['acme/shop']);
  });
  afterAll(() => saveClientSettings(server.database.db, demoApp.id, {}));

  test('openid with a nonce takes the place of the challenge', async () => {
    const request = authorizationRequest(server, demoApp, openid, { ...bare, nonce: 'n-1' });
    const { code } = await obtainCodeFor(agent, request, dba);
    const fields = { grant_type: 'authorization_code', code, redirect_uri: demoApp.redirectUri };
    const { status, body } = await post(server, '/oauth/token', demoApp, fields);
    expect(status).toBe(200);
    expect(decodeJwt(body.id_token)).toMatchObject({ nonce: 'n-1', aud: demoApp.id });
  });

  test.each([
    ['no nonce', { scope: openid }],
    ['an empty nonce', { scope: openid, nonce: '' }],
    ['a nonce without openid', { nonce: 'n-1' }],
    ['neither', {}],
    ['a method without a challenge', { scope: openid, nonce: 'n', code_challenge_method: 'S256' }],
  ])('%s is invalid_request', async (_what, change) => {
    const answer = await authorize(server, demoApp, { ...bare, ...change }, agent);
    expectErrorRedirect(answer, demoApp, 'invalid_request');
  });

  test('a pushed request is held to the same', async () => {
    const { id: client_id, redirectUri: redirect_uri } = demoApp;
    const fields = { client_id, response_type: 'code', redirect_uri, scope: openid };
    const push = (more: Record<string, string>) =>
      post(server, '/oauth/par', demoApp, { ...fields, ...more });
    expect(await push({})).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    expect(await push({ nonce: 'n-1' })).toMatchObject({ status: 201 });
  });

  test('RFC 9700 section 4.8.2: a verifier without a challenge is invalid_grant', async () => {
    const request = authorizationRequest(server, demoApp, openid, { ...bare, nonce: 'n-2' });
    const { code } = await obtainCodeFor(agent, request, dba);
    const downgraded = await redeem(server, demoApp, code, 'v'.repeat(43));
    expect(downgraded).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  test('a challenge that it sends all the same is checked', async () => {
    const request = authorizationRequest(server, demoApp, openid, { nonce: 'n-3' });
    const { code } = await obtainCodeFor(agent, request, dba);
    const fields = { grant_type: 'authorization_code', code, redirect_uri: demoApp.redirectUri };
    const without = await post(server, '/oauth/token', demoApp, fields);
    expect(without).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await redeem(server, demoApp, code, request.verifier)).status).toBe(200);
  });

  test('it never counts for a public client', async () => {
    await saveClientSettings(server.database.db, demoCli.id, { pkce: 'optional' });
    const change = { ...bare, scope: openid, nonce: 'n-4' };
    expectErrorRedirect(await authorize(server, demoCli, change), demoCli, 'invalid_request');
  });
});
