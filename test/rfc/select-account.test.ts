/** OpenID Connect Core section 3.1.2.1, `prompt=select_account`: the person chooses the account. */

import { beforeAll, expect, test } from 'vitest';
import { authorize, expectErrorRedirect } from '../support/authorize.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  authorizationRequest,
  callbackOf,
  consentTo,
  demoApp,
  introspectAs,
  obtainCode,
  readAnswer,
  redeem,
  signInFor,
} from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { enterPassword } from '../support/sign-in.ts';
import { createUserAgent, fill, type Page, type UserAgent } from '../support/user-agent.ts';

const dba = 'dba@acme.test';
const member = 'member@acme.test';
const scope = 'openid database:read_database';
const server = forAllTests(startTestServer);

beforeAll(async () => {
  for (const email of [dba, member]) await consentTo(server, demoApp, email, scope, ['acme/shop']);
});

const requestWith = (prompt: string) => authorizationRequest(server, demoApp, scope, { prompt });

async function signedIn(): Promise<UserAgent> {
  const agent = createUserAgent(server.issuer);
  await obtainCode(server, demoApp, dba, scope, agent);
  return agent;
}

async function userOf(page: Page, verifier: string): Promise<string> {
  const { body } = await redeem(server, demoApp, callbackOf(page).get('code') ?? '', verifier);
  return (await introspectAs(server, demoApp, body.access_token)).username;
}

test('the account that is signed in is shown, and going on with it gives the code', async () => {
  const agent = await signedIn();
  const { url, verifier } = requestWith('select_account');
  const page = await agent.get(url);
  expect(page.url).toMatch(/\/interaction\/[^/]+\/account$/);
  expect(page.html).toContain(dba);
  expect(page.html).not.toContain('type="password"');
  const back = await agent.submit(page, (fields) => fill(fields, 'action', 'continue'), '/account');
  expect(await userOf(back, verifier)).toBe(dba);
});

test('another account signs in from there, and the request goes on for it', async () => {
  const agent = await signedIn();
  const { url, verifier } = requestWith('select_account');
  const page = await agent.get(url);
  const [, another = ''] = /href="(\/interaction\/[^"]+\/sign-in)"/.exec(page.html) ?? [];
  const form = await agent.get(another);
  const back = await enterPassword(agent, form, member);
  expect(await userOf(back, verifier)).toBe(member);
  expect((await agent.get('/account')).html).toContain(member);
});

test('who is not signed in chooses by signing in, and is not asked again', async () => {
  const agent = createUserAgent(server.issuer);
  const { url, verifier } = requestWith('select_account');
  expect(await userOf(await signInFor(agent, url, member), verifier)).toBe(member);
});

test('with prompt=consent the page for it follows', async () => {
  const agent = await signedIn();
  const page = await agent.get(requestWith('consent select_account').url);
  const next = await agent.submit(page, (fields) => fill(fields, 'action', 'continue'), '/account');
  expect(next.html).toContain('data-consent');
});

test('cancelling tells the application', async () => {
  const agent = await signedIn();
  const page = await agent.get(requestWith('select_account').url);
  const back = await agent.submit(page, (fields) => fill(fields, 'action', 'cancel'), '/account');
  expect(callbackOf(back).get('error')).toBe('access_denied');
});

test('a second submit gets the answer of the first one', async () => {
  const agent = await signedIn();
  const page = await agent.get(requestWith('select_account').url);
  const go = () => agent.submit(page, (fields) => fill(fields, 'action', 'continue'), '/account');
  const [first, second] = [await go(), await go()];
  expect(callbackOf(first).get('code')).toMatch(/^usher_ac_/);
  expect(second.url).toBe(first.url);
});

test('the form is bound to the browser and its request', async () => {
  const agent = await signedIn();
  const page = await agent.get(requestWith('select_account').url);
  const forged = await agent.submit(page, (fields) => fill(fields, 'token', 'x'), '/account');
  expect(forged.status).toBe(403);
  const stranger = createUserAgent(server.issuer);
  expect((await stranger.get(page.url)).html).not.toContain(dba);
});

test('prompt=none goes with no other, and the metadata lists what there is', async () => {
  const change = { prompt: 'none select_account', scope };
  expectErrorRedirect(await authorize(server, demoApp, change), demoApp, 'invalid_request');
  const address = `${server.issuer}/.well-known/openid-configuration`;
  const { body } = await readAnswer(await fetch(address));
  expect(body.prompt_values_supported).toEqual(['none', 'login', 'select_account', 'consent']);
});
