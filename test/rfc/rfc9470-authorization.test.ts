/**
 * RFC 9470 section 5 and OpenID Connect Core section 3.1.2.1, by openid-client: what a client learns of
 * the sign-in, what it can ask of it, and when a consent asks for a new one.
 */

import * as client from 'openid-client';
import { beforeAll, describe, expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import { createPasskey, type SoftPasskey } from '../support/authenticator.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { consentTo, demoApp } from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { enterPassword } from '../support/sign-in.ts';
import { createUserAgent, fill, type Page, type UserAgent } from '../support/user-agent.ts';

const email = 'dba@acme.test';
const scope = 'openid database:read_database';
const grave = 'openid database:read_database database:delete_database';
const passkeyClass = 'phr';
const twoFactorClass = 'urn:usher:acr:mfa';
const passwordClass = 'urn:usher:acr:password';

const server = forAllTests(startTestServer);
let config: client.Configuration;
let passkey: SoftPasskey;

beforeAll(async () => {
  await consentTo(server, demoApp, email, scope, ['acme/shop']);
  config = await client.discovery(new URL(server.issuer), demoApp.id, demoApp.secret, undefined, {
    execute: [client.allowInsecureRequests],
  });
  passkey = await addedPasskey();
});

/** A passkey of the account, whose making is tested elsewhere. */
async function addedPasskey(): Promise<SoftPasskey> {
  const { db } = server.database;
  const agent = createUserAgent(server.issuer);
  await signInWith(agent, await agent.get('/sign-in?next=/account/security'), 'password');
  const made = createPasskey();
  const options = await agent.get('/account/security/passkeys/options');
  const { challenge } = JSON.parse(options.html);
  const page = await agent.get('/account/security');
  const credential = made.make({ challenge, origin: server.issuer });
  const added = await agent.submit(
    page,
    (fields) => fill(fields, 'credential', credential),
    '/account/security/passkeys',
  );
  expect(added.html).toContain('Passkey added.');
  expect(await db.query(statement('select 1 from passkeys'))).toHaveLength(1);
  return made;
}

type Way = 'password' | 'passkey';

async function signInWith(agent: UserAgent, page: Page, way: Way): Promise<Page> {
  if (way === 'password') {
    return enterPassword(agent, page, email);
  }
  const { challenge } = JSON.parse((await agent.get('/sign-in/passkey/options')).html);
  const credential = passkey.use({ challenge, origin: server.issuer });
  return agent.submit(page, (fields) => fill(fields, 'credential', credential));
}

async function requestOf(parameters: Record<string, string>) {
  const verifier = client.randomPKCECodeVerifier();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: demoApp.redirectUri,
    scope,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...parameters,
  });
  return { url: url.href, verifier };
}

/** The claims of the ID token, from the page at which the browser is sent back. */
async function claimsOf({ url }: Page, verifier: string) {
  const tokens = await client.authorizationCodeGrant(config, new URL(url), {
    pkceCodeVerifier: verifier,
  });
  return { tokens, claims: tokens.claims() };
}

async function signedIn(way: Way, parameters: Record<string, string> = {}) {
  const agent = createUserAgent(server.issuer);
  const { url, verifier } = await requestOf(parameters);
  const back = await signInWith(agent, await agent.get(url), way);
  return { agent, back, verifier };
}

async function isAsked(agent: UserAgent, parameters: Record<string, string>): Promise<boolean> {
  return (await agent.get((await requestOf(parameters)).url)).html.includes('type="password"');
}

async function silently(agent: UserAgent, parameters: Record<string, string>) {
  const page = await agent.get((await requestOf({ prompt: 'none', ...parameters })).url);
  return new URL(page.url).searchParams.get('error');
}

async function makeOlder(seconds: number): Promise<void> {
  await server.database.db.query(
    statement(`
      update sessions set payload = jsonb_set(payload, '{loginTs}',
        to_jsonb((payload ->> 'loginTs')::int - $1::int))`),
    [seconds],
  );
}

describe('what is said of a sign-in', () => {
  test('the metadata lists the classes, and the claims', () => {
    const metadata = config.serverMetadata();
    expect(metadata['acr_values_supported']).toEqual([passwordClass, twoFactorClass, passkeyClass]);
    expect(metadata.claims_supported).toEqual(expect.arrayContaining(['acr', 'amr', 'auth_time']));
  });

  test.each([
    ['password', passwordClass, ['pwd']],
    ['passkey', passkeyClass, ['pop', 'user', 'mfa']],
  ] as const)(
    'by %s: in the ID token, also after a refresh, not in userinfo',
    async (way, acr, amr) => {
      const { back, verifier } = await signedIn(way);
      const { tokens, claims } = await claimsOf(back, verifier);
      expect(claims).toMatchObject({ acr, amr, auth_time: expect.any(Number) });
      const again = await client.refreshTokenGrant(config, tokens.refresh_token ?? '');
      expect(again.claims()).toMatchObject({ acr, amr, auth_time: claims?.['auth_time'] });
      const info = await client.fetchUserInfo(config, again.access_token, claims?.sub ?? '');
      for (const claim of ['acr', 'amr', 'auth_time']) expect(info).not.toHaveProperty(claim);
    },
  );

  test('without passkeys there is no class for them', async () => {
    const byAddress = await startTestServer({ ISSUER: 'http://127.0.0.1:3999' });
    const answer = await fetch(
      `http://127.0.0.1:${byAddress.config.port}/.well-known/openid-configuration`,
    );
    const metadata = (await answer.json()) as Record<string, unknown>;
    await byAddress.close();
    expect(metadata['acr_values_supported']).toEqual([passwordClass]);
  });
});

describe('what can be asked of a sign-in', () => {
  test('two factors are asked for by a page that names them, and a passkey has them', async () => {
    const { agent } = await signedIn('password');
    const wish = { acr_values: twoFactorClass };
    expect(await silently(agent, wish)).toBe('unmet_authentication_requirements');
    expect((await agent.get((await requestOf(wish)).url)).html).toContain('two factors, such as');
    expect(await silently((await signedIn('passkey')).agent, wish)).not.toBe(
      'unmet_authentication_requirements',
    );
  });

  test('a better class asks again; silently it is unmet_authentication_requirements', async () => {
    const { agent } = await signedIn('password');
    const wish = { acr_values: passkeyClass };
    expect(await silently(agent, {})).toBeNull();
    expect(await silently(agent, wish)).toBe('unmet_authentication_requirements');
    const { url, verifier } = await requestOf(wish);
    const page = await agent.get(url);
    expect(page.html).toContain('needs you to sign in with a passkey');
    const still = await signInWith(agent, page, 'password');
    expect(still.html).toContain('needs you to sign in with a passkey');
    const { claims } = await claimsOf(await signInWith(agent, still, 'passkey'), verifier);
    expect(claims).toMatchObject({ acr: passkeyClass });
    expect(await silently(agent, wish)).toBeNull();
  });

  test('who has no passkey gives up, and the client is told why', async () => {
    const { agent } = await signedIn('password');
    const page = await agent.get((await requestOf({ acr_values: passkeyClass })).url);
    const back = await agent.submit(page, (fields) => [...fields, ['action', 'cancel']]);
    expect(new URL(back.url).searchParams.get('error')).toBe('unmet_authentication_requirements');
  });

  test.each([
    [`${passwordClass} ${passkeyClass}`, 'one of them is enough'],
    [passwordClass, 'a class that is met'],
    ['urn:somebody:else', 'a class that nobody reaches here is a wish'],
    ['1 2', 'several of these'],
  ])('"%s" asks nobody again: %s', async (acr_values) => {
    const { agent } = await signedIn('password');
    expect(await silently(agent, { acr_values })).toBeNull();
  });

  test('a better sign-in than was asked for is good', async () => {
    const { agent } = await signedIn('passkey');
    expect(await silently(agent, { acr_values: passwordClass })).toBeNull();
  });

  test('max_age and prompt=login ask again, and auth_time is the new one', async () => {
    const { agent } = await signedIn('password');
    await makeOlder(400);
    expect(await isAsked(agent, { max_age: '600' })).toBe(false);
    expect(await silently(agent, { max_age: '300' })).toBe('login_required');
    for (const wish of [{ max_age: '300' }, { prompt: 'login' }] as const) {
      const { url, verifier } = await requestOf(wish);
      const { claims } = await claimsOf(
        await signInWith(agent, await agent.get(url), 'password'),
        verifier,
      );
      expect(claims?.['auth_time']).toBeGreaterThan(Date.now() / 1000 - 100);
      await makeOlder(400);
    }
  });
});

describe('without openid, as any client of a resource server may ask (RFC 9470 section 4)', () => {
  const plain = { scope: 'database:read_database' };

  test('an age and a class are asked for just the same', async () => {
    const { agent } = await signedIn('password');
    await makeOlder(400);
    expect(
      await silently(agent, { ...plain, max_age: '600', acr_values: passwordClass }),
    ).toBeNull();
    expect(await silently(agent, { ...plain, max_age: '300' })).toBe('login_required');
    expect(await isAsked(agent, { ...plain, max_age: '300' })).toBe(true);
    expect(await isAsked(agent, { ...plain, max_age: '0' })).toBe(true);
    const wish = { ...plain, acr_values: passkeyClass };
    expect(await silently(agent, wish)).toBe('unmet_authentication_requirements');
  });

  test('pushed, too', async () => {
    const { agent } = await signedIn('password');
    await makeOlder(400);
    const pushed = async (wish: Record<string, string>) => {
      const verifier = client.randomPKCECodeVerifier();
      const url = await client.buildAuthorizationUrlWithPAR(config, {
        redirect_uri: demoApp.redirectUri,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        ...plain,
        ...wish,
      });
      const page = await agent.get(url.href);
      return page.html.includes('type="password"');
    };
    expect(await pushed({ max_age: '600' })).toBe(false);
    expect(await pushed({ max_age: '300' })).toBe(true);
    expect(await pushed({ max_age: '0' })).toBe(true);
    expect(await pushed({ acr_values: passwordClass })).toBe(false);
    expect(await pushed({ acr_values: passkeyClass })).toBe(true);
    for (const max_age of ['soon', '-1', '1.5']) {
      await expect(pushed({ max_age })).rejects.toMatchObject({ error: 'invalid_request' });
    }
  });

  test.each(['soon', '-1', '1.5'])('max_age=%s is invalid_request', async (max_age) => {
    const { agent } = await signedIn('password');
    expect(await silently(agent, { ...plain, max_age })).toBe('invalid_request');
  });

  test('either of them twice is refused by its name', async () => {
    const { url } = await requestOf({ ...plain, max_age: '300' });
    const { agent } = await signedIn('password');
    const page = await agent.get(`${url}&max_age=600`);
    const told = new URL(page.url).searchParams.get('error_description') ?? page.html;
    expect(told).toContain('max_age');
    expect(told).not.toContain('usher_max_age');
  });
});

describe('a consent to what deletes or reveals', () => {
  test('asks for a sign-in of the last ten minutes, and then goes on to the page', async () => {
    const { agent } = await signedIn('password');
    await makeOlder(590);
    expect(await isAsked(agent, { scope: grave })).toBe(false);
    await makeOlder(20);
    expect(await silently(agent, { scope: grave })).toBe('login_required');
    const page = await agent.get((await requestOf({ scope: grave })).url);
    expect(page.html).toContain('can delete data or reveal secrets');
    expect(page.html).toContain(`value="${email}"`);
    const consent = await signInWith(agent, page, 'passkey');
    expect(consent.url).toMatch(/\/consent$/);
  });

  test('not for other scopes, and not once it is given', async () => {
    const { agent } = await signedIn('password');
    await makeOlder(10_000);
    expect(await isAsked(agent, { scope: 'openid database:read_branches' })).toBe(false);
    const asked = 'openid branch:delete_branch';
    expect(await isAsked(agent, { scope: asked })).toBe(true);
    await consentTo(server, demoApp, email, asked, ['acme/shop/main']);
    expect(await isAsked(agent, { scope: asked })).toBe(false);
    expect(await isAsked(agent, { scope: asked, prompt: 'consent' })).toBe(true);
  });
});
