/** Where somebody is signed in: each browser in words, this one marked, one ended, or all others. */

import { expect, test } from 'vitest';
import { deviceOf } from '../../src/lib/user-agents.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { signInFor } from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { createUserAgent } from '../support/user-agent.ts';
import { openTestBrowser, type TestBrowser } from './test-browser.ts';

const server = forAllTests(startTestServer);

const email = 'member@acme.test';

async function signedIn(): Promise<TestBrowser> {
  const browser = openTestBrowser(server.issuer);
  await browser.open('/sign-in');
  await browser.send('/sign-in', { email, password: 'usher-demo' });
  await browser.open('/account');
  return browser;
}

/** What another browser says of itself: this one cannot say it. */
async function sayOfOthers(text: string): Promise<void> {
  await server.database.db.query(
    statement('update sessions set user_agent = $1 where user_agent is null or user_agent = $2'),
    [text, 'node'],
  );
}

const uidsOf = (text: string) =>
  Array.from(text.matchAll(/name="session" value="([^"]+)"/g), (hit) => hit[1] ?? '');

test('each session is there, this one is marked, and one ends at once', async () => {
  const other = await signedIn();
  await sayOfOthers('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0');
  const browser = await signedIn();
  const { text } = await browser.open('/account/sessions');
  expect(text).toContain('Firefox on Linux');
  expect(text.match(/This browser/g)).toHaveLength(1);
  expect(text).toContain('Address 127.0.0.1');
  const [uid = ''] = uidsOf(text);
  const ended = await browser.send('/account/sessions/end', { session: uid });
  expect(ended.location).toBe('/account/sessions?done=ended');
  expect((await other.open('/account')).location).toMatch(/^\/sign-in/);
  expect((await browser.open('/account')).status).toBe(200);
});

test('all others end, of this account alone; another one’s session cannot be named', async () => {
  const [browser, other] = [await signedIn(), await signedIn()];
  const stranger = createUserAgent(server.issuer);
  await signInFor(stranger, `${server.issuer}/sign-in`, 'dba@acme.test');
  const [{ uid = '' } = {}] = await server.database.db.query<{ uid: string }>(
    statement(`select uid from sessions s join accounts a on a.id = s.account_id where email = $1`),
    ['dba@acme.test'],
  );
  await browser.open('/account/sessions');
  await browser.send('/account/sessions/end', { session: uid });
  expect((await stranger.get('/account')).url).toMatch(/\/account$/);
  await browser.open('/account/sessions');
  const done = await browser.send('/account/sessions/others');
  expect(done.location).toBe('/account/sessions?done=others');
  expect((await other.open('/account')).location).toMatch(/^\/sign-in/);
  expect((await stranger.get('/account')).url).toMatch(/\/account$/);
  expect(uidsOf((await browser.open('/account/sessions')).text)).toEqual([]);
});

test('no session ends by a link, by a form from elsewhere, or by one of another account', async () => {
  const [browser, other] = [await signedIn(), await signedIn()];
  const stranger = openTestBrowser(server.issuer);
  await stranger.open('/sign-in');
  await stranger.send('/sign-in', { email: 'dba@acme.test', password: 'usher-demo' });
  const theirs = await stranger.open('/account/sessions');
  const [, token = ''] = /name="token" value="([^"]*)"/.exec(theirs.text) ?? [];
  for (const way of ['end', 'others']) {
    const path = `/account/sessions/${way}`;
    expect((await browser.open(path)).status).toBeGreaterThanOrEqual(404);
    for (const sent of [{ token: '' }, { token }])
      expect((await browser.send(path, sent)).status).toBe(403);
    const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ');
    const headers = { cookie, origin: 'https://evil.test' };
    const elsewhere = await fetch(server.issuer + path, { method: 'POST', headers });
    expect(elsewhere.status).toBe(403);
  }
  for (const each of [browser, other]) expect((await each.open('/account')).status).toBe(200);
});

test.each([undefined, '', ' ', 'curl/8.0', '\u0000', 'Mozilla/5.0 '.repeat(500), '(((', '{}'])(
  'a browser that says %j is no error',
  (text) => {
    expect(deviceOf(text)).toHaveProperty('browser');
  },
);
