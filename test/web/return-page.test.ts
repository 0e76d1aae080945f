/** The end of an authorization: a page where a form of ours began the chain, a redirect elsewhere. */

import { beforeAll, expect, test } from 'vitest';
import { authorize } from '../support/authorize.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  authorizationRequest,
  consentTo,
  demoApp,
  obtainCode,
  signInFor,
} from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { createUserAgent } from '../support/user-agent.ts';

const dba = 'dba@acme.test';
const scope = 'database:read_database';
const server = forAllTests(startTestServer);
beforeAll(() => consentTo(server, demoApp, dba, scope, ['acme/shop']));

test('after a form: a page that goes on by refresh and link, kept by nobody', async () => {
  const agent = createUserAgent(server.issuer);
  const request = authorizationRequest(server, demoApp, scope, { state: 'a"b<c&d' });
  const { status, url, html, headers } = await signInFor(agent, request.url, dba);
  expect(status).toBe(200);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('content-security-policy')).toContain("form-action 'self';");
  expect(headers.get('location')).toBeNull();
  expect(html).not.toContain('<script');
  const callback = new URL(url);
  expect(`${callback.origin}${callback.pathname}`).toBe(demoApp.redirectUri);
  expect(callback.searchParams.get('code')).toMatch(/^usher_ac_/);
  expect(callback.searchParams.get('state')).toBe('a"b<c&d');
  expect(html).toContain(`<a class="button" href="${url.replaceAll('&', '&amp;')}"`);
  expect(html).toContain('localhost:8765');
});

test('so is a refusal', async () => {
  const agent = createUserAgent(server.issuer);
  const page = await agent.get(authorizationRequest(server, demoApp, scope).url);
  const refused = await agent.submit(page, (fields) => [...fields, ['action', 'cancel']]);
  expect(refused.status).toBe(200);
  expect(new URL(refused.url).searchParams.get('error')).toBe('access_denied');
});

test('without a form: 303, as RFC 9700 section 4.12 has it', async () => {
  const agent = createUserAgent(server.issuer);
  await obtainCode(server, demoApp, dba, scope, agent);
  const { status, location } = await authorize(server, demoApp, {}, agent);
  expect(status).toBe(303);
  expect(location?.searchParams.get('code')).toMatch(/^usher_ac_/);
});
