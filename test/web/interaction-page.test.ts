/** Signing in on the way of an authorization request: the request is the stored one, never the form's. */

import { describe, expect, test } from 'vitest';
import type { AuthorizationRequest, Interactions } from '../../src/provider/interactions.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { addAccount, password } from '../accounts/people.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { openTestBrowser } from './test-browser.ts';
import { startTestSite } from './test-site.ts';

const request: AuthorizationRequest = {
  uid: 'waiting',
  prompt: 'login',
  clientId: 'unknown-app',
  scope: 'user:read_user',
  redirectUri: 'https://app.test/callback',
  accountId: undefined,
  loginHint: 'hint@acme.test',
  isReview: false,
  isFreshSignInAsked: false,
};

/** Two requests wait, one for sign-in and one for consent; finished ones name what came of them. */
const interactions: Interactions = {
  async read(ctx) {
    const uid = ctx.path.split('/')[2] ?? '';
    if (uid === 'waiting' || uid === 'other') return { ...request, uid };
    return uid === 'consent' ? { ...request, uid, prompt: 'consent' } : undefined;
  },
  answered: async () => undefined,
  named: () => interactions,
  signedIn: async (_ctx, { id }) => `/resumed?account=${id}`,
  selected: async () => '/resumed?selected',
  restarted: async () => '/resumed?restarted',
  consented: async () => true,
  resumeAt: () => '/resumed',
  refused: async () => '/resumed?error=access_denied',
};

const site = forAllTests(() => startTestSite(interactions));

const path = '/interaction/waiting/sign-in';

test.each([
  ['waiting', '/interaction/waiting/sign-in'],
  ['consent', '/interaction/consent/consent'],
])('/interaction/%s goes to the step that is due', async (uid, location) => {
  const browser = openTestBrowser(site.issuer);
  expect(await browser.open(`/interaction/${uid}`)).toMatchObject({ status: 303, location });
});

test('the form is filled with the hint, and leads to this server alone', async () => {
  const { text, headers } = await openTestBrowser(site.issuer).open(path);
  expect(text).toContain('value="hint@acme.test"');
  expect(headers.get('content-security-policy')).toContain("form-action 'self';");
});

test.each([
  [true, /an app that calls itself <strong>Reports<[\s\S]*haven’t verified this app/],
  [false, /Continue to <strong>Reports</],
])('names the application that asks (registered itself: %s)', async (isDynamic, words) => {
  const client = statement(`
    insert into clients (id, name, auth_method, redirect_uris, is_dynamic)
    values ($1, 'Reports', 'none', '{https://app.test/callback}', $2)`);
  await site.db.query(client, [request.clientId, isDynamic]);
  expect((await openTestBrowser(site.issuer).open(path)).text).toMatch(words);
  await site.db.query(statement('delete from clients where id = $1'), [request.clientId]);
});

test('whoever signs in goes on with the request', async () => {
  const { id, email } = await addAccount(site.db);
  const browser = openTestBrowser(site.issuer);
  await browser.open(path);
  const location = `/resumed?account=${id}`;
  expect(await browser.send(path, { email, password })).toMatchObject({ status: 303, location });
});

test('whoever cancels is sent back with access_denied, without a password', async () => {
  const browser = openTestBrowser(site.issuer);
  await browser.open(path);
  const location = '/resumed?error=access_denied';
  expect(await browser.send(path, { action: 'cancel' })).toMatchObject({ status: 303, location });
});

describe('refused', () => {
  test('a wrong password shows the form again', async () => {
    const browser = openTestBrowser(site.issuer);
    await browser.open(path);
    const { status, text } = await browser.send(path, { email: 'a@b.test', password: 'wrong' });
    expect(status).toBe(422);
    expect(text).toContain('Incorrect email or password.');
  });

  test('the token of another request, also for cancelling', async () => {
    const browser = openTestBrowser(site.issuer);
    await browser.open('/interaction/other/sign-in');
    expect((await browser.send(path, { action: 'cancel' })).status).toBe(403);
  });

  test.each(['', '/sign-in'])('a request that is over: /interaction/gone%s', async (step) => {
    const { status, text } = await openTestBrowser(site.issuer).open(`/interaction/gone${step}`);
    expect(status).toBe(404);
    expect(text).toContain('Go back to the app');
  });

  test('a sign-in sent when consent is due changes nothing', async () => {
    const browser = openTestBrowser(site.issuer);
    const answer = await browser.send('/interaction/consent/sign-in');
    expect(answer).toMatchObject({ status: 303, location: '/interaction/consent/consent' });
  });
});
