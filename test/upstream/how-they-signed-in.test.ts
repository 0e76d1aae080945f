/** What a provider says of how somebody signed in there reaches applications and resource servers, no further. */

import { decodeJwt } from 'jose';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  authorizationRequest,
  callbackOf,
  demoApi,
  demoApp,
  introspectAs,
  redeem,
} from '../support/oauth.ts';
import { startScriptedProvider } from '../support/scripted-provider.ts';
import { startTestServer } from '../support/server.ts';
import { createUserAgent, fill, type Page, type UserAgent } from '../support/user-agent.ts';
import { addProvider, newPerson } from './providers.ts';

const elsewhere = 'urn:usher:acr:provider';
const twoFactors = 'urn:usher:acr:mfa';
const refeds = 'https://refeds.org/profile/mfa';

const server = forAllTests(() => startTestServer({ PASSWORDS: 'off' }));
const provider = forAllTests(() => startScriptedProvider({ acr_values_supported: ['1', refeds] }));
let agent: UserAgent;
beforeAll(() => addProvider(server, provider, '--trust', 'trusted.test'));
beforeEach(() => {
  agent = createUserAgent(server.issuer);
});
afterEach(() => provider.lie({}));

/** Goes to the provider by an application's request, and comes back from there. */
async function comeBack(
  claims: Record<string, unknown>,
  change: Record<string, string> = {},
  person = newPerson(),
): Promise<{ page: Page; verifier: string; there: URL }> {
  const { url, verifier } = authorizationRequest(server, demoApp, 'openid', change);
  const there = (await agent.get(url)).url;
  provider.lie({ claims });
  const page = await agent.get(provider.signIn(there, person));
  return { page, verifier, there: new URL(there) };
}

async function tokensOf({ page, verifier }: { page: Page; verifier: string }) {
  const done = await agent.submit(page, (fields) => fill(fields, 'action', 'allow'), '/consent');
  const code = callbackOf(done).get('code') ?? '';
  const { body } = await redeem(server, demoApp, code, verifier);
  const { amr, acr } = decodeJwt(body.id_token);
  const told = await introspectAs(server, demoApi, body.access_token);
  return { amr, acr, introspected: told.acr };
}

test.each<[string, Record<string, unknown>, object]>([
  ['nothing', {}, { amr: undefined, acr: elsewhere }],
  ['two factors', { amr: ['pwd', 'otp', 'mfa'] }, { amr: ['mfa', 'otp', 'pwd'], acr: twoFactors }],
  ['their class', { acr: twoFactors }, { amr: undefined, acr: twoFactors }],
  ['their profile', { acr: refeds }, { amr: undefined, acr: twoFactors }],
  ['two methods', { amr: ['pwd', 'otp'] }, { amr: ['otp', 'pwd'], acr: elsewhere }],
  ['two factors and more', { amr: ['mfa'], acr: 'phr' }, { amr: ['mfa'], acr: 'phr' }],
  ['what resists phishing', { amr: ['hwk'], acr: 'phrh' }, { amr: ['hwk'], acr: 'phr' }],
  ['words of its own', { amr: ['pwd', 'magic', 7], acr: '1' }, { amr: ['pwd'], acr: elsewhere }],
  ['our class of passwords', { acr: 'urn:usher:acr:password' }, { amr: undefined, acr: elsewhere }],
  ['garbage', { amr: 'mfa', acr: ['phr'] }, { amr: undefined, acr: elsewhere }],
])('a provider that says %s', async (_what, claims, expected) => {
  const { introspected, ...told } = await tokensOf(await comeBack(claims));
  const amr = Array.isArray(told.amr) && told.amr.length > 0 ? told.amr : undefined;
  expect({ ...told, amr }).toEqual(expected);
  expect(introspected).toBe(told.acr);
});

describe('a class that is asked for', () => {
  test('is asked of the provider, and reached where the provider says so', async () => {
    const wish = { acr_values: 'phr urn:usher:acr:password' };
    const came = await comeBack({ acr: 'phr' }, wish);
    expect(came.there.searchParams.get('acr_values')).toBe('phr');
    expect(await tokensOf(came)).toMatchObject({ acr: 'phr', introspected: 'phr' });
    agent = createUserAgent(server.issuer);
    expect((await comeBack({})).there.searchParams.has('acr_values')).toBe(false);
  });

  test('is not reached where it does not, and the page has the ways on', async () => {
    const { page } = await comeBack({ amr: ['pwd'] }, { acr_values: 'phr' });
    expect(new URL(page.url).pathname).toMatch(/^\/interaction\/[^/]+\/sign-in$/);
    expect(page.html).toContain('/sign-in/provider/acme?');
  });

  test('of two factors is reached by them and by more, and a password is not enough', async () => {
    const wish = { acr_values: twoFactors };
    const came = await comeBack({ amr: ['pwd', 'otp', 'mfa'] }, wish);
    expect(came.there.searchParams.get('acr_values')).toBe(refeds); // by the name that the provider lists
    expect(await tokensOf(came)).toMatchObject({ acr: twoFactors, introspected: twoFactors });
    agent = createUserAgent(server.issuer);
    expect(await tokensOf(await comeBack({ acr: 'phr' }, wish))).toMatchObject({ acr: 'phr' });
    agent = createUserAgent(server.issuer);
    const { page } = await comeBack({ amr: ['pwd'] }, wish);
    expect(new URL(page.url).pathname).toMatch(/\/sign-in$/);
    expect(page.html).toContain('two factors, such as a passkey');
    agent = createUserAgent(server.issuer);
    const phished = await comeBack({ amr: ['mfa'] }, { acr_values: 'phr' });
    expect(new URL(phished.page.url).pathname).toMatch(/\/sign-in$/);
  });

  test('of passwords is as good as a sign-in elsewhere', async () => {
    const { page } = await comeBack({}, { acr_values: 'urn:usher:acr:password' });
    expect(new URL(page.url).pathname).toMatch(/\/consent$/);
  });
});

test.each([
  ['longer than any', 's'.repeat(256)],
  ['with characters that no database takes', 'a\0b'],
])('a subject %s is nobody', async (_what, sub) => {
  const { page } = await comeBack({ sub });
  expect(page.status).toBe(502);
});
