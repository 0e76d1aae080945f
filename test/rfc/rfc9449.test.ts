/** RFC 9449, Demonstrating Proof of Possession: a stolen token is worth nothing without the key. */

import { createHash } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { printId } from '../../src/lib/ids.ts';
import { saveClientSettings } from '../../src/storage/clients/client-settings.ts';
import { findClient, saveClient } from '../../src/storage/clients/clients.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { consentedBrowser } from '../support/consented.ts';
import { createDpopKey, type DpopKey } from '../support/dpop.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  authorizationRequest,
  consentTo,
  demoApi,
  demoApp,
  demoCli,
  idOf,
  introspectAs,
  obtainCode,
  obtainCodeFor,
  redeem,
  refresh,
  type TestClient,
} from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { age } from '../support/token-rows.ts';

const dba = 'dba@acme.test';
const scope = 'database:read_database';
const server = forAllTests(startTestServer);
const agent = forAllTests(() =>
  consentedBrowser(server, [demoApp, demoCli], dba, scope, ['acme/shop']),
);
let key: DpopKey;
let otherKey: DpopKey;

beforeAll(async () => {
  [key, otherKey] = await Promise.all([createDpopKey(), createDpopKey()]);
});

const endpoint = () => `${server.issuer}/oauth/token`;
const proof = (by = key, change?: JWTPayload) => by.proof(endpoint(), change);
const obtained = (client: TestClient = demoApp) => obtainCode(server, client, dba, scope, agent);

async function boundTokens(client: TestClient) {
  const { code, verifier } = await obtained(client);
  const { status, body } = await redeem(server, client, code, verifier, {}, await proof());
  expect(status).toBe(200);
  return body;
}

describe('section 5, access token request', () => {
  test('a token that was asked for with a proof is bound to its key', async () => {
    const body = await boundTokens(demoApp);
    expect(body.token_type).toBe('DPoP');
    expect(await introspectAs(server, demoApi, body.access_token)).toMatchObject({
      active: true,
      token_type: 'DPoP',
      cnf: { jkt: key.jkt },
    });
  });

  test.each<[string, () => Promise<{ DPoP: string }>]>([
    ['of another address', () => key.proof(`${server.issuer}/oauth/par`)],
    ['of another host', () => key.proof('https://evil.test/oauth/token')],
    ['of another method', () => proof(key, { htm: 'GET' })],
    ['from an hour ago', () => proof(key, { iat: Math.floor(Date.now() / 1000) - 3600 })],
    ['from an hour ahead', () => proof(key, { iat: Math.floor(Date.now() / 1000) + 3600 })],
    ['without a time', () => proof(key, { iat: undefined as never })],
    ['without an id', () => proof(key, { jti: undefined as never })],
    ['without an address', () => proof(key, { htu: undefined })],
    ['that is none', async () => ({ DPoP: 'x' })],
    ['unsigned', async () => ({ DPoP: 'eyJhbGciOiJub25lIiwidHlwIjoiZHBvcCtqd3QifQ.e30.' })],
    [
      'with a broken signature',
      async () => ({ DPoP: `${(await proof()).DPoP.slice(0, -8)}AAAAAAAA` }),
    ],
  ])('a proof %s is invalid_dpop_proof, and burns nothing', async (_, make) => {
    const { code, verifier } = await obtained();
    const answer = await redeem(server, demoApp, code, verifier, {}, await make());
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } });
    expect((await redeem(server, demoApp, code, verifier, {}, await proof())).status).toBe(200);
  });

  test('query and fragment of the address, and other claims, are ignored', async () => {
    const { code, verifier } = await obtained();
    const loose = await proof(key, { htu: `${endpoint()}?x=1#y`, extra: 'x' });
    expect((await redeem(server, demoApp, code, verifier, {}, loose)).status).toBe(200);
  });

  test('section 11.1: a proof is taken once', async () => {
    const [first, second] = [await obtained(), await obtained()];
    const once = await proof();
    expect((await redeem(server, demoApp, first.code, first.verifier, {}, once)).status).toBe(200);
    const replay = await redeem(server, demoApp, second.code, second.verifier, {}, once);
    expect(replay.status).toBe(400);
    expect((await redeem(server, demoApp, second.code, second.verifier)).status).toBe(200);
  });

  test('of 8 parallel requests with one proof one is answered', async () => {
    const codes = [];
    for (let n = 0; n < 8; n++) codes.push(await obtained());
    const once = await proof();
    const answers = await Promise.all(
      codes.map(({ code, verifier }) => redeem(server, demoApp, code, verifier, {}, once)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('a proof stays used when its request was rolled back', async () => {
    const { code, verifier } = await obtained();
    const once = await proof();
    const bad = { resource: 'https://evil.test/' };
    const rolledBack = await redeem(server, demoApp, code, verifier, bad, once);
    expect(rolledBack.body.error).toBe('invalid_target');
    expect((await redeem(server, demoApp, code, verifier, {}, once)).status).toBe(400);
    expect((await redeem(server, demoApp, code, verifier, {}, await proof())).status).toBe(200);
  });

  test('a proof of a clock that is ahead stays used for as long as it is valid', async () => {
    const [first, second] = [await obtained(), await obtained()];
    const ahead = await proof(key, { iat: Math.floor(Date.now() / 1000) + 290 });
    expect((await redeem(server, demoApp, first.code, first.verifier, {}, ahead)).status).toBe(200);
    await server.database.db.query(
      statement(`update provider_records set expires_at = expires_at - interval '301 seconds'
                  where kind = 'ReplayDetection'`),
    );
    const replay = await redeem(server, demoApp, second.code, second.verifier, {}, ahead);
    expect(replay.status).toBe(400);
  });

  test('a client that registered for bound tokens gets no others', async () => {
    const { db } = server.database;
    const client = await findClient(db, demoApp.id);
    if (client === undefined) throw new Error('no demo-app');
    await saveClient(db, { ...client, dpopBoundAccessTokens: true });
    const { code, verifier } = await obtained();
    const without = await redeem(server, demoApp, code, verifier);
    const withProof = await redeem(server, demoApp, code, verifier, {}, await proof());
    await saveClient(db, client);
    expect(without.status).toBe(400);
    expect(withProof.status).toBe(200);
  });
});

describe('section 5, refreshing', () => {
  test('FAPI 2.0: a bound confidential client may keep its refresh token, if an operator lets it', async () => {
    const { db } = server.database;
    const client = await findClient(db, demoApp.id);
    if (client === undefined) throw new Error('no demo-app');
    await saveClient(db, { ...client, dpopBoundAccessTokens: true });
    await saveClientSettings(db, demoApp.id, { refresh_tokens: 'kept' });
    const { refresh_token: token } = await boundTokens(demoApp);
    const again = async () => refresh(server, demoApp, token, {}, await proof());
    const answers = [await again(), await again(), ...(await Promise.all([again(), again()]))];
    for (const { status, body } of answers) {
      expect({ status, token: body.refresh_token }).toEqual({ status: 200, token });
      expect(await introspectAs(server, demoApi, body.access_token)).toMatchObject({
        active: true,
      });
    }
    expect((await refresh(server, demoApp, token)).status).toBe(400);

    await saveClientSettings(db, demoApp.id, {});
    const rotated = await again();
    expect(rotated.status).toBe(200);
    expect(rotated.body.refresh_token).not.toBe(token);
    await saveClient(db, client);
  });

  test("a public client's refresh token is bound to the key", async () => {
    const { refresh_token: token } = await boundTokens(demoCli);
    expect((await refresh(server, demoCli, token)).status).toBe(400);
    expect((await refresh(server, demoCli, token, {}, await proof(otherKey))).status).toBe(400);
    const { status, body } = await refresh(server, demoCli, token, {}, await proof());
    expect({ status, type: body.token_type }).toEqual({ status: 200, type: 'DPoP' });
  });

  test("a confidential client's is bound to the client, which may change its key", async () => {
    const { refresh_token: token } = await boundTokens(demoApp);
    const { body } = await refresh(server, demoApp, token, {}, await proof(otherKey));
    const { cnf } = await introspectAs(server, demoApi, body.access_token);
    expect(cnf).toEqual({ jkt: otherKey.jkt });
  });

  test('a retry with a fresh proof of the same key gets the identical answer', async () => {
    const { refresh_token: spent } = await boundTokens(demoCli);
    const first = await refresh(server, demoCli, spent, {}, await proof());
    await age(server, spent, 15);
    const again = await refresh(server, demoCli, spent, {}, await proof());
    expect(again).toMatchObject({ status: 200, body: first.body });
  });

  test('a retry with another key is none: the grant ends', async () => {
    const { refresh_token: spent } = await boundTokens(demoApp);
    const { body } = await refresh(server, demoApp, spent, {}, await proof());
    const stolen = await refresh(server, demoApp, spent, {}, await proof(otherKey));
    expect(stolen.body.error).toBe('invalid_grant');
    expect(await introspectAs(server, demoApi, body.access_token)).toEqual({ active: false });
  });

  test('of 8 parallel refreshes with one proof one is looked at, also when it is refused', async () => {
    const { refresh_token: token } = await boundTokens(demoCli);
    const once = await proof();
    const wider = { scope: 'database:read_database', resource: 'https://evil.test/' };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => refresh(server, demoCli, token, wider, once)),
    );
    const errors = answers.map(({ body }) => body.error).toSorted();
    expect(errors).toEqual([...Array(7).fill('invalid_grant'), 'invalid_target']);
    expect((await refresh(server, demoCli, token, {}, await proof())).status).toBe(200);
  });

  test('a replayed proof with a spent token ends nothing', async () => {
    const { refresh_token: spent } = await boundTokens(demoCli);
    const once = await proof();
    const { body } = await refresh(server, demoCli, spent, {}, once);
    expect((await refresh(server, demoCli, spent, {}, once)).status).toBe(400);
    expect(await introspectAs(server, demoApi, body.access_token)).toMatchObject({ active: true });
  });
});

describe('section 10, binding of the code', () => {
  test('dpop_jkt binds the code to a key', async () => {
    const request = authorizationRequest(server, demoApp, scope, { dpop_jkt: key.jkt });
    const { code, verifier } = await obtainCodeFor(agent, request, dba);
    expect((await redeem(server, demoApp, code, verifier)).status).toBe(400);
    const stolen = await redeem(server, demoApp, code, verifier, {}, await proof(otherKey));
    expect(stolen.status).toBe(400);
    expect((await redeem(server, demoApp, code, verifier, {}, await proof())).status).toBe(200);
  });
});

describe('section 7, at the management API', () => {
  const reading = 'organization:read_organization';
  const address = () => `${server.issuer}/api/v1/organizations/${acme}`;
  let token: string;
  let acme: string;

  beforeAll(async () => {
    acme = printId('organization', await idOf(server.database.db, 'acme'));
    await consentTo(server, demoApp, dba, reading, ['acme']);
    const { code, verifier } = await obtainCode(server, demoApp, dba, reading, agent);
    token = (await redeem(server, demoApp, code, verifier, {}, await proof())).body.access_token;
  });

  const forUse = (change: JWTPayload = {}, by = key) => {
    const ath = createHash('sha256').update(token).digest('base64url');
    return by.proof(address(), { htm: 'GET', ath, ...change });
  };
  const use = async (headers: Record<string, string>, url = address(), method = 'GET') => {
    const authorization = `DPoP ${token}`;
    const answer = await fetch(url, { method, headers: { authorization, ...headers } });
    return { status: answer.status, challenge: answer.headers.get('www-authenticate') ?? '' };
  };

  test('a proof lets the token in, with a query or without', async () => {
    expect((await use(await forUse())).status).toBe(200);
    const unread = await use(await forUse(), `${address()}?unknown=1`);
    expect(unread).toEqual({ status: 422, challenge: '' });
    expect((await use(await forUse({ htm: 'HEAD' }), address(), 'HEAD')).status).toBe(200);
  });

  test('a proof from five minutes ago counts, as at the token endpoint', async () => {
    const iat = Math.floor(Date.now() / 1000) - 250;
    expect((await use(await forUse({ iat }))).status).toBe(200);
  });

  test('as a Bearer token it is refused', async () => {
    const headers = { ...(await forUse()), authorization: `Bearer ${token}` };
    const { status, challenge } = await use(headers);
    expect(status).toBe(401);
    expect(challenge).toMatch(/^DPoP error="invalid_token", algs="ES256 Ed25519 EdDSA"/);
  });

  test.each<[string, () => Promise<Record<string, string>>]>([
    ['without a proof', async () => ({})],
    ['with a proof for another method', () => forUse({ htm: 'POST' })],
    ['with a proof for another address', () => forUse({ htu: `${server.issuer}/api/v1/user` })],
    [
      'with a proof for another host',
      () => forUse({ htu: 'https://evil.test/api/v1/organizations' }),
    ],
    ['with a proof for another token', () => forUse({ ath: 'x' })],
    ['with a proof for no token', () => forUse({ ath: undefined })],
    ['with a proof of another key', () => forUse({}, otherKey)],
    ['with a proof from an hour ago', () => forUse({ iat: Math.floor(Date.now() / 1000) - 3600 })],
    [
      'with two proofs',
      async () => ({ DPoP: `${(await forUse()).DPoP}, ${(await forUse()).DPoP}` }),
    ],
  ])('%s it is refused', async (_, make) => {
    const { status, challenge } = await use(await make());
    expect(status).toBe(401);
    expect(challenge).toMatch(/^DPoP error="invalid_dpop_proof", algs="ES256 Ed25519 EdDSA"/);
  });

  test('a proof counts once, also of many at the same moment', async () => {
    const headers = await forUse();
    const answers = await Promise.all(Array.from({ length: 8 }, () => use(headers)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(401)]);
  });

  test('a token that is bound to no key does not pass for one that is', async () => {
    const { code, verifier } = await obtainCode(server, demoApp, dba, reading, agent);
    const { access_token: plain } = (await redeem(server, demoApp, code, verifier)).body;
    const ath = createHash('sha256').update(plain).digest('base64url');
    const headers = { ...(await forUse({ ath })), authorization: `DPoP ${plain}` };
    expect((await use(headers)).status).toBe(401);
    expect((await use({ authorization: `Bearer ${plain}` })).status).toBe(200);
  });

  test('a change is proven once, and the key compared again in its transaction', async () => {
    const writing = 'database:write_branches';
    await consentTo(server, demoApp, dba, writing, ['acme/shop']);
    const { code, verifier } = await obtainCode(server, demoApp, dba, writing, agent);
    token = (await redeem(server, demoApp, code, verifier, {}, await proof())).body.access_token;
    const shop = printId('database', await idOf(server.database.db, 'acme/shop'));
    const url = `${address()}/databases/${shop}/branches`;
    const headers = {
      ...(await forUse({ htm: 'POST', htu: url })),
      authorization: `DPoP ${token}`,
      'content-type': 'application/json',
    };
    const body = JSON.stringify({ slug: 'proven' });
    expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(201);
    expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(401);
  });
});
