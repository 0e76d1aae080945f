/**
 * RFC 9470: an API asks for a new sign-in, the client (oauth4webapi) does what the challenge says, and the
 * token that it comes back with passes: for Koa and for the Fetch API, with DPoP and without.
 */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import * as oauth from 'oauth4webapi';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createResourceServer,
  type ResourceServer,
} from '../../src/resource-server/resource-server.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { asDemoApi } from '../resource-server/setting.ts';
import { createPasskey, type SoftPasskey } from '../support/authenticator.ts';
import { freePort } from '../support/free-port.ts';
import { callbackOf, consentTo, demoApi, demoApp, introspectAs } from '../support/oauth.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { enterPassword } from '../support/sign-in.ts';
import { createUserAgent, fill, type Page, type UserAgent } from '../support/user-agent.ts';

const email = 'dba@acme.test';
const scope = 'database:read_database';
const resource = 'organizations/acme/databases/shop';
const insecure = { [oauth.allowInsecureRequests]: true };
const client: oauth.Client = { client_id: demoApp.id };
const proof = oauth.ClientSecretBasic(demoApp.secret ?? '');

let usher: TestServer;
let as: oauth.AuthorizationServer;
let api: ResourceServer;
let origin: string;
let stop: () => void;
let passkey: SoftPasskey;

beforeAll(async () => {
  usher = await startTestServer();
  await consentTo(usher, demoApp, email, scope, ['acme/shop']);
  const issuer = new URL(usher.issuer);
  const discovered = await oauth.discoveryRequest(issuer, { ...insecure, algorithm: 'oauth2' });
  as = await oauth.processDiscoveryResponse(issuer, discovered);
  await startApi();
  passkey = await addedPasskey();
});
afterAll(async () => {
  stop();
  await usher.close();
});

const guarded = { type: 'database', resource: () => resource } as const;

/** `/fresh` takes a sign-in of the last ten minutes, `/strong` one by passkey. */
async function startApi(): Promise<void> {
  const port = await freePort();
  origin = `http://localhost:${port}`;
  api = createResourceServer({ ...asDemoApi(usher), url: origin });
  const fresh = api.koa.requireScope<Koa.Context>(scope, { ...guarded, maxAge: 600 });
  const strong = api.koa.requireScope<Koa.Context>(scope, { ...guarded, acr: 'phr' });
  const app = new Koa();
  app.use((ctx, next) => (ctx.path === '/fresh' ? fresh : strong)(ctx, next));
  app.use((ctx) => {
    ctx.body = { done: true };
  });
  const listener = app.listen(port, 'localhost');
  await once(listener, 'listening');
  expect((listener.address() as AddressInfo).port).toBe(port);
  stop = () => {
    api.close();
    listener.closeAllConnections();
    listener.close();
  };
}

async function addedPasskey(): Promise<SoftPasskey> {
  const agent = createUserAgent(usher.issuer);
  await signIn(agent, await agent.get('/sign-in?next=/account/security'));
  const made = createPasskey();
  const { html } = await agent.get('/account/security/passkeys/options');
  const { challenge } = JSON.parse(html);
  const credential = made.make({ challenge, origin: usher.issuer });
  const path = '/account/security/passkeys';
  const page = await agent.get('/account/security');
  await agent.submit(page, (fields) => fill(fields, 'credential', credential), path);
  return made;
}

function signIn(agent: UserAgent, page: Page): Promise<Page> {
  expect(page.html).toContain('type="password"');
  return enterPassword(agent, page, email);
}

async function signInByPasskey(agent: UserAgent, page: Page): Promise<Page> {
  const { challenge } = JSON.parse((await agent.get('/sign-in/passkey/options')).html);
  const credential = passkey.use({ challenge, origin: usher.issuer });
  return agent.submit(page, (fields) => fill(fields, 'credential', credential));
}

type Sign = (agent: UserAgent, page: Page) => Promise<Page>;

/** An authorization request with these parameters; the browser is asked to sign in, as `sign` does. */
async function authorize(
  agent: UserAgent,
  wish: Record<string, string>,
  sign: Sign,
  DPoP?: oauth.DPoPHandle,
): Promise<string> {
  const verifier = oauth.generateRandomCodeVerifier();
  const url = new URL(as.authorization_endpoint ?? '');
  url.search = String(
    new URLSearchParams({
      client_id: client.client_id,
      redirect_uri: demoApp.redirectUri,
      response_type: 'code',
      scope,
      state: 'state-1',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...wish,
    }),
  );
  const back = await sign(agent, await agent.get(url.href));
  const callback = oauth.validateAuthResponse(as, client, callbackOf(back), 'state-1');
  const options = { ...insecure, ...(DPoP && { DPoP }) };
  const { redirectUri } = demoApp;
  const response = await oauth.authorizationCodeGrantRequest(
    as,
    client,
    proof,
    callback,
    redirectUri,
    verifier,
    options,
  );
  return (await oauth.processAuthorizationCodeResponse(as, client, response)).access_token;
}

/** Has every session, and every token that is out, come from a sign-in an hour ago. */
async function anHourLater(): Promise<void> {
  const { db } = usher.database;
  for (const [table, member] of [
    ['sessions', 'loginTs'],
    ['tokens', 'authTime'],
  ]) {
    await db.query(
      statement(`update ${table} set payload = jsonb_set(payload, '{${member}}',
        to_jsonb((payload ->> '${member}')::int - 3600)) where payload ? '${member}'`),
    );
  }
}

/** Calls the API as a client does. @returns undefined once let in, else what the challenge asks for. */
async function call(
  path: string,
  token: string,
  DPoP?: oauth.DPoPHandle,
): Promise<Record<string, string> | undefined> {
  const options = { ...insecure, ...(DPoP && { DPoP }) };
  const url = new URL(path, origin);
  try {
    const answer = await oauth.protectedResourceRequest(
      token,
      'GET',
      url,
      undefined,
      undefined,
      options,
    );
    expect(await answer.json()).toEqual({ done: true });
    return undefined;
  } catch (error) {
    if (!(error instanceof oauth.WWWAuthenticateChallengeError)) throw error;
    expect(error.status).toBe(401);
    const [challenge] = error.cause;
    expect(challenge?.scheme).toBe(DPoP ? 'dpop' : 'bearer');
    const { error: code, max_age, acr_values } = challenge?.parameters ?? {};
    expect(code).toBe('insufficient_user_authentication');
    return { ...(max_age && { max_age }), ...(acr_values && { acr_values }) };
  }
}

/** The same question to a guard of the Fetch API. */
async function isLetInByFetch(token: string, wanted: { maxAge?: number; acr?: string }) {
  const guard = api.requireScope(scope, { ...guarded, ...wanted });
  const headers = { authorization: `Bearer ${token}` };
  return (await guard(new Request(origin, { headers }))).ok;
}

describe('a client that is asked for', () => {
  test.each([['a Bearer token'], ['a token that is bound to a key']])(
    'a newer sign-in gets one, and is let in: %s',
    async (kind) => {
      const isBound = kind !== 'a Bearer token';
      const DPoP = isBound ? oauth.DPoP(client, await oauth.generateKeyPair('ES256')) : undefined;
      const agent = createUserAgent(usher.issuer);
      const first = await authorize(agent, {}, signIn, DPoP);
      expect(await call('/fresh', first, DPoP)).toBeUndefined();
      await anHourLater();
      const wish = await call('/fresh', first, DPoP);
      expect(wish).toEqual({ max_age: '600' });
      const next = await authorize(agent, wish ?? {}, signIn, DPoP);
      expect(await call('/fresh', next, DPoP)).toBeUndefined();
      expect(await call('/fresh', first, DPoP)).toEqual({ max_age: '600' });
      const { auth_time } = await introspectAs(usher, demoApi, next, resource);
      expect(auth_time).toBeGreaterThan(Date.now() / 1000 - 300);
      if (isBound) return;
      expect(await isLetInByFetch(next, { maxAge: 600 })).toBe(true);
      expect(await isLetInByFetch(first, { maxAge: 600 })).toBe(false);
    },
  );

  test('a better sign-in gets one, and is let in', async () => {
    const agent = createUserAgent(usher.issuer);
    const first = await authorize(agent, {}, signIn);
    const wish = await call('/strong', first);
    expect(wish).toEqual({ acr_values: 'phr' });
    const next = await authorize(agent, wish ?? {}, signInByPasskey);
    expect(await call('/strong', next)).toBeUndefined();
    expect(await introspectAs(usher, demoApi, next, resource)).toMatchObject({ acr: 'phr' });
    expect(await isLetInByFetch(next, { acr: 'phr' })).toBe(true);
    expect(await isLetInByFetch(first, { acr: 'phr' })).toBe(false);
  });

  test('a newer sign-in gets none by a refresh', async () => {
    const agent = createUserAgent(usher.issuer);
    const token = await authorize(agent, {}, signIn);
    const { auth_time: before } = await introspectAs(usher, demoApi, token);
    await anHourLater();
    const silent = await authorize(agent, {}, async (_agent, page) => page);
    const { auth_time: after } = await introspectAs(usher, demoApi, silent);
    expect(after).toBe(before - 3600);
    expect(await call('/fresh', silent)).toEqual({ max_age: '600' });
  });
});
