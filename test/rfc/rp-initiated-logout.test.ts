/** OpenID Connect RP-Initiated Logout 1.0: an application asks that its user sign out. */

import { beforeAll, describe, expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import { visit } from '../support/authorize.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { recordAnswer } from '../support/issued-secrets.ts';
import {
  allow,
  authorizationRequest,
  callbackOf,
  consentTo,
  demoApp,
  demoCli,
  obtainCode,
  redeem,
  signInFor,
  type TestClient,
} from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { signInBy } from '../support/sign-in.ts';
import { isSignedIn, submitAtOnce } from '../support/submit-twice.ts';
import { createUserAgent, fill, type UserAgent } from '../support/user-agent.ts';

const dba = 'dba@acme.test';
const scope = 'openid database:read_database';
const out = 'http://localhost:8765/signed-out?from=usher%20x';
const form = '/sign-out/application';
const server = forAllTests(startTestServer);

beforeAll(async () => {
  for (const email of [dba, 'member@acme.test'])
    await consentTo(server, demoApp, email, scope, ['acme/shop']);
  await registerAddresses('demo-app', [out]);
  await registerAddresses('demo-cli', ['http://127.0.0.1:1/out']);
});

async function registerAddresses(id: string, uris: readonly string[]): Promise<void> {
  await server.database.db.query(
    statement(`
      update clients set metadata = metadata || $2::jsonb where id = $1`),
    [id, { postLogoutRedirectUris: uris }],
  );
}

/** Somebody who is signed in, and the ID token that the application has of them. */
async function signedIn(email = dba): Promise<{ agent: UserAgent; hint: string }> {
  const agent = createUserAgent(server.issuer);
  const { code, verifier } = await obtainCode(server, demoApp, email, scope, agent);
  const { body } = await redeem(server, demoApp, code, verifier);
  return { agent, hint: body.id_token };
}

function addressOf(parameters: Record<string, string>): string {
  return `${server.issuer}/oauth/end-session?${new URLSearchParams(parameters)}`;
}

const asked = { client_id: 'demo-app', post_logout_redirect_uri: out, state: 'a b&c' };
const returned = `${out}&state=a+b%26c`;

describe('section 2, the request', () => {
  test('asks, ends the session, and goes back with the state; the query of the address stays', async () => {
    const { agent, hint } = await signedIn();
    const page = await agent.get(addressOf({ id_token_hint: hint, ...asked }));
    expect(page.html).toContain(dba);
    expect(page.html).not.toContain('<script');
    expect(await isSignedIn(server, agent)).toBe(true);
    const back = await agent.submit(page, undefined, form);
    expect(back.url).toBe(returned);
    expect(back.status).toBe(200); // a page of ours ends the chain of the form
    expect(back.headers.get('cache-control')).toContain('no-store');
    expect(await isSignedIn(server, agent)).toBe(false);
  });

  test('the tokens of applications live on, as after signing out here', async () => {
    const { agent } = await signedIn();
    const count = async () =>
      (await server.database.db.query(statement('select from grants'))).length;
    const before = await count();
    await agent.submit(await agent.get(addressOf({})), undefined, form);
    expect(await count()).toBe(before);
  });

  test('without anything it asks, too, and stays here', async () => {
    const { agent } = await signedIn();
    const back = await agent.submit(await agent.get(addressOf({})), undefined, form);
    expect(back.html).toContain('You’re signed out');
    expect(await isSignedIn(server, agent)).toBe(false);
  });

  test('a POST of the application is the same request: its 303 brings our cookies', async () => {
    const response = await fetch(`${server.issuer}/oauth/end-session`, {
      method: 'POST',
      headers: { origin: 'https://shop.example', 'sec-fetch-site': 'cross-site' },
      body: new URLSearchParams(asked),
      redirect: 'manual',
    });
    expect(response.status).toBe(303);
    const location = new URL(response.headers.get('location') ?? '', server.issuer);
    expect(location.pathname).toBe('/oauth/end-session');
    expect(Object.fromEntries(location.searchParams)).toEqual(asked);
  });

  test('the hint of somebody else is said, and ends nothing by itself', async () => {
    const [{ agent }, other] = [await signedIn(), await signedIn('member@acme.test')];
    const page = await agent.get(addressOf({ id_token_hint: other.hint, ...asked }));
    expect(page.html).toContain('isn’t the account');
    expect(page.html).toContain(dba);
    expect(await isSignedIn(server, agent)).toBe(true);
    expect(await isSignedIn(server, other.agent)).toBe(true);
  });

  test('an ID token that has expired is a hint', async () => {
    const { agent, hint } = await signedIn();
    const [, payload = ''] = hint.split('.');
    const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString());
    expect(exp).toBeGreaterThan(0);
    expect((await agent.get(addressOf({ id_token_hint: hint }))).status).toBe(200);
  });

  test.each<[string, (hint: string) => Record<string, string>, RegExp]>([
    ['a hint that is no token', () => ({ id_token_hint: 'x' }), /id_token_hint is not an ID token/],
    [
      'a hint whose signature is broken',
      (hint) => ({ id_token_hint: `${hint.slice(0, -6)}AAAAAA` }),
      /id_token_hint is not an ID token/,
    ],
    [
      'the hint of another application',
      (hint) => ({ id_token_hint: hint, client_id: 'tiny-app' }),
      /another application/,
    ],
    ['an unknown application', () => ({ client_id: 'nobody' }), /no application/],
    ['a NUL in the application', () => ({ client_id: '\0' }), /no application/],
  ])('%s is refused, on a page', async (_what, parameters, reason) => {
    const { agent, hint } = await signedIn();
    const page = await agent.get(addressOf(parameters(hint)));
    expect(page.status).toBe(400);
    expect(page.html).toMatch(reason);
    expect(await isSignedIn(server, agent)).toBe(true);
  });

  test('a repeated parameter is refused', async () => {
    const { agent } = await signedIn();
    const page = await agent.get(`${addressOf(asked)}&client_id=tiny-app`);
    expect(page.status).toBe(400);
  });
});

describe('section 3, going back', () => {
  test.each([
    ['another path', { client_id: 'demo-app', post_logout_redirect_uri: `${out}/x` }],
    ['another spelling', { client_id: 'demo-app', post_logout_redirect_uri: out.toUpperCase() }],
    [
      'another port, of a web application',
      { client_id: 'demo-app', post_logout_redirect_uri: out.replace('8765', '1') },
    ],
    [
      'a redirect URI for codes',
      { client_id: 'demo-app', post_logout_redirect_uri: demoApp.redirectUri },
    ],
    ['another application’s', { client_id: 'tiny-app', post_logout_redirect_uri: out }],
    ['nobody’s', { post_logout_redirect_uri: out }],
  ])('%s is refused on a page, signed in or not', async (_what, parameters) => {
    for (const agent of [(await signedIn()).agent, createUserAgent(server.issuer)]) {
      const page = await agent.get(addressOf(parameters));
      expect([page.status, page.url]).toEqual([400, addressOf(parameters)]);
      expect(page.html).toContain('post_logout_redirect_uri');
    }
  });

  test('is not believed from the form', async () => {
    const { agent } = await signedIn();
    const page = await agent.get(addressOf(asked));
    const change = (fields: [string, string][]) =>
      fill(fields, 'post_logout_redirect_uri', 'https://evil.test/');
    expect((await agent.submit(page, change, form)).status).toBe(400);
    expect(await isSignedIn(server, agent)).toBe(true);
  });

  test('RFC 8252 section 7.3: a native application may use any port on loopback', async () => {
    const uri = 'http://127.0.0.1:50123/out';
    const parameters = { client_id: demoCli.id, post_logout_redirect_uri: uri };
    const { location } = await visit(addressOf(parameters));
    expect(location?.href).toBe(uri);
  });

  test('where nobody is signed in, at once', async () => {
    const { status, location } = await visit(addressOf(asked));
    expect([status, location?.href]).toEqual([303, returned]);
  });

  test('to an application that registered itself and that the user never met: by a link', async () => {
    const stranger = await register(['https://stranger.example/out']);
    const parameters = {
      client_id: stranger.id,
      post_logout_redirect_uri: 'https://stranger.example/out',
    };
    const { agent } = await signedIn();
    const back = await agent.submit(await agent.get(addressOf(parameters)), undefined, form);
    for (const html of [back.html, (await visit(addressOf(parameters))).html]) {
      expect(html).toContain('href="https://stranger.example/out"');
      expect(html).not.toContain('http-equiv="refresh"');
    }
  });

  test('to one that registered itself and has a consent: by itself', async () => {
    const client = await register(['https://shop.example/out']);
    const agent = createUserAgent(server.issuer);
    const { url } = authorizationRequest(server, client, 'openid');
    const back = await allow(agent, await signInFor(agent, url, dba));
    expect(callbackOf(back).get('code')).not.toBeNull();
    const parameters = {
      client_id: client.id,
      post_logout_redirect_uri: 'https://shop.example/out',
    };
    const page = await agent.submit(await agent.get(addressOf(parameters)), undefined, form);
    expect(page.url).toBe('https://shop.example/out');
  });
});

describe('the form', () => {
  test('twice at once: both go on, and the session has ended', async () => {
    const { agent } = await signedIn();
    const page = await agent.get(addressOf(asked));
    const press = { change: (fields: [string, string][]) => fields, action: form };
    const { pages, browser } = await submitAtOnce(agent, page, [press, press]);
    expect(pages.map(({ url }) => url)).toEqual([returned, returned]);
    expect(await isSignedIn(server, browser)).toBe(false);
  });

  test('of another browser, or of another site, ends nothing', async () => {
    const [{ agent }, victim] = [await signedIn(), await signedIn()];
    const page = await agent.get(addressOf(asked));
    expect((await victim.agent.submit(page, undefined, form)).status).toBe(403);
    const foreign = await fetch(server.issuer + form, {
      method: 'POST',
      headers: { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' },
      body: new URLSearchParams(),
    });
    expect(foreign.status).toBe(403);
    expect(await isSignedIn(server, victim.agent)).toBe(true);
  });

  test('after somebody else signed in, ends nothing', async () => {
    const { agent } = await signedIn();
    const page = await agent.get(addressOf(asked));
    await agent.submit(await agent.get('/sign-out'));
    await signInBy(agent, 'member@acme.test');
    expect((await agent.submit(page, undefined, form)).status).toBe(403);
    expect((await agent.get('/account')).html).toContain('member@acme.test');
  });
});

describe('section 3.1, registration', () => {
  test('keeps the addresses, and answers them', async () => {
    const uris = ['https://shop.example/out', 'https://shop.example/out?x=1'];
    const body = await registration({ post_logout_redirect_uris: uris });
    expect(body.post_logout_redirect_uris).toEqual(uris);
  });

  test.each([
    ['http elsewhere', ['http://shop.example/out']],
    ['a fragment', ['https://shop.example/#out']],
    ['a parameter of the answer', ['https://shop.example/?state=1']],
    ['the same twice', ['https://shop.example/', 'https://shop.example/']],
    ['no list', 'https://shop.example/'],
  ])('refuses %s', async (_what, uris) => {
    const body = await registration({ post_logout_redirect_uris: uris });
    expect(body).toMatchObject({
      error: 'invalid_client_metadata',
      error_description: expect.stringMatching(/^post_logout_redirect_uris/),
    });
  });
});

// biome-ignore lint/suspicious/noExplicitAny: JSON that each test reads as what it expects
async function registration(members: Record<string, unknown>): Promise<any> {
  const response = await fetch(`${server.issuer}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: ['https://shop.example/callback'], ...members }),
  });
  const body = await response.json();
  recordAnswer(body);
  return body;
}

async function register(uris: readonly string[]): Promise<TestClient> {
  const body = await registration({
    post_logout_redirect_uris: uris,
    token_endpoint_auth_method: 'none',
  });
  return { id: body.client_id, secret: undefined, redirectUri: 'https://shop.example/callback' };
}
