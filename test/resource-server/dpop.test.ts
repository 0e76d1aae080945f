/** RFC 9449 section 7: a token that is bound to a key, used by a client that knows its trade. */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import * as oauth from 'oauth4webapi';
import { beforeAll, expect, test } from 'vitest';
import { createResourceServer } from '../../src/resource-server/resource-server.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  authorizationRequest,
  callbackOf,
  consentTo,
  demoApp,
  signInFor,
} from '../support/oauth.ts';
import { sendRaw } from '../support/raw-http.ts';
import { createUserAgent } from '../support/user-agent.ts';
import { asDemoApi, branchScopes, openSetting, printedId, tokenFor } from './setting.ts';

const email = 'developer@acme.test';
const insecure = { [oauth.allowInsecureRequests]: true };

const setting = forAllTests(openSetting);
let note: string;

beforeAll(async () => {
  const { usher, api } = setting;
  await consentTo(usher, demoApp, email, branchScopes, ['acme/shop']);
  note = `${api.url}/branches/${await printedId(usher, 'acme/shop/staging')}/note`;
});

const client: oauth.Client = { client_id: demoApp.id };

interface Bound {
  readonly token: string;
  readonly dpop: oauth.DPoPHandle;
}

/** The whole code flow, with a new key. */
async function obtainBound(alg = 'ES256'): Promise<Bound> {
  const { usher } = setting;
  const issuer = new URL(usher.issuer);
  const discovered = await oauth.discoveryRequest(issuer, { ...insecure, algorithm: 'oauth2' });
  const server = await oauth.processDiscoveryResponse(issuer, discovered);
  const dpop = oauth.DPoP(client, await oauth.generateKeyPair(alg));

  const { url, verifier } = authorizationRequest(usher, demoApp, branchScopes);
  const page = await signInFor(createUserAgent(usher.issuer), url, email);
  const callback = oauth.validateAuthResponse(server, client, callbackOf(page), 'state-1');
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.ClientSecretBasic(demoApp.secret ?? ''),
    callback,
    demoApp.redirectUri,
    verifier,
    { DPoP: dpop, ...insecure },
  );
  const answer = await oauth.processAuthorizationCodeResponse(server, client, response);
  expect(answer.token_type).toBe('dpop');
  return { token: answer.access_token, dpop };
}

/** The headers of a request as the client makes them, with a proof of its own for each. */
async function headersFor({ token, dpop }: Bound, url = note, method = 'GET'): Promise<Headers> {
  let made = new Headers();
  await oauth.protectedResourceRequest(token, method, new URL(url), undefined, undefined, {
    DPoP: dpop,
    ...insecure,
    [oauth.customFetch]: async (_url, { headers }) => {
      made = new Headers(headers);
      return new Response();
    },
  });
  return made;
}

async function use(bound: Bound, url = note, method = 'GET'): Promise<Response> {
  return fetch(url, { method, headers: await headersFor(bound, url, method) });
}

function challengeOf({ headers }: Response): string {
  return headers.get('www-authenticate') ?? '';
}

test.each(['ES256', 'Ed25519'])('with a key for %s it is let in, again and again', async (alg) => {
  const bound = await obtainBound(alg);
  expect((await use(bound)).status).toBe(200);
  expect((await use(bound, `${note}?again=1`)).status).toBe(200);
  expect((await use(bound, note, 'DELETE')).status).toBe(204);
});

test('without a proof, or as a Bearer token, it is refused', async () => {
  const { token } = await obtainBound();
  const bearer = await fetch(note, { headers: { authorization: `Bearer ${token}` } });
  expect(bearer.status).toBe(401);
  expect(challengeOf(bearer)).toMatch(/^DPoP .*error="invalid_token".*algs="ES256 Ed25519 EdDSA"/);
  const bare = await fetch(note, { headers: { authorization: `DPoP ${token}` } });
  expect(bare.status).toBe(401);
  expect(challengeOf(bare)).toMatch(/^DPoP .*error="invalid_dpop_proof"/);
});

test('a request that was overheard cannot be sent again', async () => {
  const headers = await headersFor(await obtainBound());
  expect((await fetch(note, { headers })).status).toBe(200);
  const again = await fetch(note, { headers });
  expect(again.status).toBe(401);
  expect(challengeOf(again)).toContain('error="invalid_dpop_proof"');
});

test.each<[what: string, made: (bound: Bound) => Promise<Headers>]>([
  ['another method', (bound) => headersFor(bound, note, 'PUT')],
  ['another address', (bound) => headersFor(bound, `${note}s`)],
  ['another host', (bound) => headersFor(bound, note.replace('localhost', '127.0.0.1'))],
])('a proof for %s is refused', async (_what, made) => {
  const headers = await made(await obtainBound());
  expect((await fetch(note, { headers })).status).toBe(401);
});

test.each([
  ['another way to write the path', (path: string) => `/x/..${path}`],
  ['another way, escaped', (path: string) => `/x/%2e%2e${path}`],
  ['a backslash', (path: string) => path.replace('/note', '\\note')],
  ['the whole address, on another way', (path: string) => `http://localhost/x/..${path}`],
])('a proof for what routes take for another path (%s) is refused', async (_what, spell) => {
  const { url, server } = setting.api;
  const path = new URL(note).pathname;
  const guarded = { resource: () => path.split('/')[2] };
  const listener = new Koa()
    .use(server.koa.requireScope('database:read_branches', guarded))
    .use((ctx) => {
      ctx.body = 'let in';
    })
    .listen(0, 'localhost');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const ask = async (target: string) => {
    const { authorization = '', dpop = '' } = Object.fromEntries(
      await headersFor(await obtainBound(), `${url}${path}`),
    );
    return sendRaw(`http://localhost:${port}`, [
      `GET ${target} HTTP/1.1`,
      'Host: localhost',
      `Authorization: ${authorization}`,
      `DPoP: ${dpop}`,
    ]);
  };
  expect(await ask(path)).toMatchObject({ status: 200, body: expect.stringContaining('let in') });
  expect(await ask(`http://localhost${path}?page=2`)).toMatchObject({ status: 200 });
  expect(await ask(spell(path))).toMatchObject({ status: 401 });
  listener.close();
});

test('two proofs are refused, whichever of them would do', async () => {
  const made = await headersFor(await obtainBound());
  const headers: [string, string][] = [...made, ['dpop', made.get('dpop') ?? '']];
  expect((await fetch(note, { headers })).status).toBe(401);
});

test('a token that is bound to no key does not become one by its scheme', async () => {
  const token = await tokenFor(setting.usher, email, branchScopes, ['acme/shop']);
  const dpop = oauth.DPoP(client, await oauth.generateKeyPair('ES256'));
  const response = await use({ token, dpop });
  expect(response.status).toBe(401);
  expect(challengeOf(response)).toContain('error="invalid_token"');
});

test('the key of another token does not do', async () => {
  const [mine, other] = [await obtainBound(), await obtainBound()];
  const response = await use({ token: mine.token, dpop: other.dpop });
  expect(response.status).toBe(401);
  expect(challengeOf(response)).toContain('error="invalid_dpop_proof"');
});

test('a server that was not told its own address lets in no bound token', async () => {
  const request = new Request(note, { headers: await headersFor(await obtainBound()) });
  const resource = () => new URL(note).pathname.split('/')[2];
  const { url } = setting.api;
  for (const [options, ok] of [[{}, false] as const, [{ url }, true] as const]) {
    const server = createResourceServer({ ...asDemoApi(setting.usher), ...options });
    const guard = server.requireScope('database:read_branches', { resource });
    expect(await guard(request)).toMatchObject({ ok });
    server.close();
  }
});
