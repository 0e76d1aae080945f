/** A consent ends when it was said to: on time, everywhere, and longer only where that was chosen. */

import { expect, test } from 'vitest';
import { parseScopeSet } from '../../src/catalogue/scope-set.ts';
import { type Lifetime, lifetimes, readLifetime } from '../../src/consent/lifetime.ts';
import { listConsents } from '../../src/consent/list.ts';
import { recordConsent } from '../../src/consent/record.ts';
import { findConsent } from '../../src/storage/consents/consents.ts';
import { sweepExpired } from '../../src/storage/engine/expired-rows.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  type Answer,
  authorizationRequest,
  demoApi,
  demoApp,
  idOf,
  introspectAs,
  obtainTokens,
  refresh,
  signInFor,
} from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { createUserAgent } from '../support/user-agent.ts';
import { run } from './tree.ts';

const read = 'database:read_branches';
const hour = 3600;

const server = forAllTests(startTestServer);

const db = () => server.database.db;

async function accountOf(email: string): Promise<string> {
  const [row] = await run<{ id: string }>(db(), 'select id from accounts where email = $1', email);
  return row?.id ?? '';
}

async function consent(email: string, lifetime: Lifetime | undefined) {
  const pick = { level: 'database', id: await idOf(db(), 'acme/shop') } as const;
  const scopes = parseScopeSet(read);
  return recordConsent(db(), {
    accountId: await accountOf(email),
    clientId: demoApp.id,
    asked: `${read} offline_access`,
    picks: [{ ...pick, scopes, seenProduction: undefined, includesProduction: true }],
    shown: [],
    lifetime,
  });
}

/** Seconds until the pair's consent ends. */
async function remaining(email: string): Promise<number | undefined> {
  const pair = { accountId: await accountOf(email), clientId: demoApp.id };
  const found = await findConsent(db(), pair);
  const [row] = await run<{ now: Date }>(db(), 'select now() as now');
  const now = row?.now.getTime() ?? 0;
  return found?.expiresAt && Math.round((found.expiresAt.getTime() - now) / 1000);
}

/** As if so much time had passed for the consent, its grants and tokens. */
async function pass(email: string, seconds: number): Promise<void> {
  const account = await accountOf(email);
  for (const table of ['consents', 'grants', 'tokens']) {
    await run(
      db(),
      `update ${table} set expires_at = expires_at - make_interval(secs => $2)
        where account_id = $1`,
      account,
      seconds,
    );
  }
}

const tokens = (email: string): Promise<Answer['body']> =>
  obtainTokens(server, demoApp, email, `${read} offline_access`);

test('its tokens end with it, and the application is told', async () => {
  const email = 'dba@acme.test';
  await consent(email, '1_hour');
  await pass(email, hour - 100);
  const body = await tokens(email);
  expect(body['expires_in']).toBeLessThanOrEqual(100);
  expect(body['authorization_expires_in']).toBeLessThanOrEqual(100);
  expect(body['authorization_expires_in']).toBeGreaterThan(50);
  expect(body['refresh_token_timeout']).toBe(body['authorization_expires_in']);
  expect(await introspectAs(server, demoApi, body['access_token'])).toMatchObject({ active: true });

  await pass(email, 100);
  expect(await introspectAs(server, demoApi, body['access_token'])).toEqual({ active: false });
  const answer = await refresh(server, demoApp, body['refresh_token']);
  expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  expect(await listConsents(db(), await accountOf(email))).toEqual([]);

  const agent = createUserAgent(server.issuer);
  const { url } = authorizationRequest(server, demoApp, read);
  const page = await signInFor(agent, url, email);
  expect(page.url).toMatch(/\/consent$/);
});

test('without an end the answers still say how long the grant and the refresh token live', async () => {
  const email = 'team@acme.test';
  await consent(email, undefined);
  const body = await tokens(email);
  expect(body['refresh_token_timeout']).toBe(30 * 24 * hour);
  expect(body['authorization_expires_in']).toBe(365 * 24 * hour);
});

test('a shorter end cuts what is out; a longer one is for new grants alone', async () => {
  const email = 'developer@acme.test';
  await consent(email, '90_days');
  const { access_token: token, refresh_token: old } = await tokens(email);
  await consent(email, '1_hour');
  await pass(email, hour / 2);
  await consent(email, '30_days');
  const { body } = await refresh(server, demoApp, old);
  expect(body['authorization_expires_in']).toBeLessThanOrEqual(hour / 2);
  await pass(email, hour / 2);
  expect(await introspectAs(server, demoApi, token)).toEqual({ active: false });
  const fresh = await tokens(email);
  expect(fresh['authorization_expires_in']).toBeGreaterThan(29 * 24 * hour);
});

test('consenting again without choosing an end keeps it; until removed takes it away', async () => {
  const email = 'member@acme.test';
  await consent(email, '1_day');
  await pass(email, hour);
  await consent(email, undefined);
  expect(await remaining(email)).toBe(23 * hour);
  await consent(email, 'until_removed');
  expect(await remaining(email)).toBeUndefined();
});

test('what has ended does not come back: the next consent begins anew, and the rest is swept', async () => {
  const email = 'admin@acme.test';
  const { consentId } = await consent(email, '1_hour');
  await pass(email, hour);
  const next = await consent(email, undefined);
  expect(next).toMatchObject({ version: 1 });
  expect(next.consentId).not.toBe(consentId);
  expect(await remaining(email)).toBeUndefined();

  await consent(email, '1_hour');
  await pass(email, hour + 1);
  await sweepExpired(db());
  const left = await run(db(), 'select from consents where id = $1', next.consentId);
  expect(left).toEqual([]);
});

test('the metadata names the kinds of end', async () => {
  const answer = await fetch(`${server.issuer}/.well-known/oauth-authorization-server`);
  expect(await answer.json()).toMatchObject({
    refresh_token_expiration_types_supported: ['authorization', 'token_timeout'],
  });
});

test('a form sends one of six lifetimes, or none', () => {
  expect(lifetimes.map(readLifetime)).toEqual(lifetimes);
  expect(lifetimes).toHaveLength(6);
  expect(['', '2_days', 'constructor', null].map(readLifetime)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
