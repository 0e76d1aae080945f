/** What a developer sees of the life of their application, from the first request to the last refusal. */

import { describe, expect, test } from 'vitest';
import { faultsOf } from '../../src/portal/flow-faults.ts';
import { createFlowRecord } from '../../src/portal/flow-record.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  authorizationRequest,
  demoApi,
  introspectAs,
  obtainCode,
  post,
  redeem,
  refresh,
} from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { signedInAs } from '../support/sign-in.ts';
import { createUserAgent } from '../support/user-agent.ts';
import { inChromium, openBrowser } from './browser.ts';
import { newDeveloper, ownApps, registerOwnApp } from './portal.ts';

const server = forAllTests(startTestServer);
const developer = forAllTests(() => newDeveloper(server));
const agent = forAllTests(() => developer.agent);
const app = forAllTests(() => registerOwnApp(agent));

const member = 'member@acme.test';
const activity = async (client = app) =>
  (await agent.get(`${ownApps}/${client.id}/activity`)).html.replaceAll(/\s+/g, ' ');

test('begins empty', async () => {
  const html = await activity(await registerOwnApp(agent, { name: 'Quiet' }));
  expect(html).toContain('Nothing has failed');
  expect(html).toContain('Nothing yet');
});

test('tells each step, each refusal with its cause, and nothing of the person', async () => {
  const person = createUserAgent(server.issuer);
  const ask = (change: Record<string, string | undefined>) =>
    person.get(authorizationRequest(server, app, 'openid', change).url);
  const sent = 'https://lookout.example/callback/?email=somebody@acme.test#x';
  expect((await ask({ redirect_uri: sent })).html).toContain('invalid_redirect_uri');
  await ask({ code_challenge: undefined, code_challenge_method: undefined });
  await ask({ scope: 'openid nothing:known' });
  const scope = 'openid offline_access';
  const first = await obtainCode(server, app, member, scope, person);
  await redeem(server, app, first.code, 'x'.repeat(43));
  await redeem(server, { ...app, secret: 'wrong' }, first.code, first.verifier);
  const { body } = await redeem(server, app, first.code, first.verifier);
  await redeem(server, app, first.code, first.verifier);
  const second = await obtainCode(server, app, member, scope, person);
  const granted = (await redeem(server, app, second.code, second.verifier)).body;
  const renewed = (await refresh(server, app, granted.refresh_token)).body;
  await introspectAs(server, demoApi, renewed.access_token, 'organizations/acme');
  await introspectAs(server, demoApi, renewed.access_token);
  await post(server, '/oauth/revoke', app, { token: renewed.refresh_token });
  await refresh(server, app, renewed.refresh_token);

  const html = await activity();
  for (const text of [
    'The redirect URI isn’t registered',
    'https://lookout.example/callback/?email=…',
    'The request has no code challenge',
    'A scope isn’t known, or your app didn’t register it',
    'The code verifier doesn’t match',
    'The client secret is wrong',
    'The code was already used',
    'The person didn’t allow this resource',
    'The refresh token no longer works',
    'Person signed in',
    'Code sent to your app',
    'Code exchanged for tokens',
    'Tokens refreshed',
    'Token revoked',
  ]) {
    expect(html).toContain(text);
  }
  expect(html).not.toContain('somebody@');
  expect(html.replaceAll(developer.email, '')).not.toContain('@');
  expect(body.access_token).toBeDefined();
});

test('the steps of one authorization stand in one row, from the sign-in to what became of the code', async () => {
  const quiet = await registerOwnApp(agent, { name: 'In one row' });
  const one = await obtainCode(server, quiet, member, 'openid');
  const other = await obtainCode(server, quiet, member, 'openid');
  await redeem(server, quiet, other.code, other.verifier);
  await redeem(server, quiet, one.code, 'x'.repeat(43));
  const rows = Array.from(
    (await activity(quiet)).matchAll(/<tr>(.*?)<\/tr>/g),
    ([, row = '']) => row,
  );
  const those = rows.filter((row) => row.includes('Code sent to your app'));
  expect(those).toHaveLength(2);
  expect(those[0]).toContain('The code verifier doesn’t match');
  expect(those[0]).not.toContain('Code exchanged');
  expect(those[1]).toMatch(/Person signed in.*Code sent to your app.*Code exchanged for tokens/);
});

test('a wrong secret is told wherever it arrives, also in plain questions about tokens', async () => {
  const quiet = await registerOwnApp(agent, { name: 'Wrong' });
  await introspectAs(server, { ...quiet, secret: 'wrong' }, 'token');
  await introspectAs(server, { ...quiet, id: 'app_nobody', secret: 'wrong' }, 'token');
  expect(await activity(quiet)).toContain('The client secret is wrong');
});

test('is for its owner alone', async () => {
  const other = await newDeveloper(server);
  const answer = await other.agent.get(`${ownApps}/${app.id}/activity`);
  expect([answer.status, answer.html.includes('Lookout')]).toEqual([404, false]);
  const visitor = await createUserAgent(server.issuer).get(`${ownApps}/${app.id}/activity`);
  expect(visitor.url).toContain('/sign-in');
});

test('of an organization’s application is for those who look after it', async () => {
  const path = '/organizations/acme/applications/own';
  const administrator = await signedInAs(server, 'admin@acme.test');
  const { id } = await registerOwnApp(administrator, { name: 'Of Acme' }, path);
  const address = `${path}/${id}/activity`;
  expect((await administrator.get(address)).html).toContain('Activity of Of Acme');
  expect((await (await signedInAs(server, member)).get(address)).status).toBe(403);
  expect((await agent.get(address)).status).toBe(404);
});

test('every cause has an entry on the page of errors, under the string that libraries print', async () => {
  const { html } = await createUserAgent(server.issuer).get('/errors');
  for (const [error, faults] of Object.entries(faultsOf)) {
    if (error !== 'other') expect(html).toContain(`<h2><code>${error}</code></h2>`);
    for (const fault of faults) expect(html).toContain(`id="${fault}"`);
  }
});

test('what a process has in memory when it stops is written', async () => {
  const record = createFlowRecord(server.database.db, () => {});
  const quiet = await registerOwnApp(agent, { name: 'Stopped' });
  record.note({ clientId: quiet.id, kind: 'revoked', isKnown: true });
  await record.flush();
  expect(await activity(quiet)).toContain('Token revoked');
});

describe(...inChromium('a developer with a wrong redirect URI'), () => {
  test('finds the reason in one click, and what to change in another', async () => {
    const browser = await openBrowser();
    try {
      const context = await browser.newContext();
      const page = await context.newPage();
      const cookies = Array.from(agent.cookies, ([name, value]) => ({ name, value }));
      await context.addCookies(cookies.map((one) => ({ ...one, url: server.issuer })));
      const client = await registerOwnApp(agent, { name: 'Typo' });
      const wrong = { ...client, redirectUri: 'http://lookout.example/callback' };
      await page.goto(authorizationRequest(server, wrong, 'openid').url);
      expect(await page.textContent('main')).toContain('invalid_redirect_uri');
      await page.goto(`${server.issuer}${ownApps}/${client.id}`);
      await page.click('text=See why');
      const problems = await page.textContent('#problems');
      expect(problems).toContain('The redirect URI isn’t registered');
      expect(problems).toContain(wrong.redirectUri);
      expect(problems).toContain(client.redirectUri);
      expect(problems).toContain('invalid_redirect_uri');
      await page.click('#problems a[href="/errors#redirect-uri"]');
      await page.waitForURL(/errors/);
      expect(new URL(page.url()).hash).toBe('#redirect-uri');
      expect(await page.textContent('#redirect-uri')).toContain('character by character');
    } finally {
      await browser.close();
    }
  });
});
