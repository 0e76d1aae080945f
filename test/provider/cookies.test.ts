/** RFC 6265bis sections 4.1.2 and 4.1.3: every cookie behind https, as the browser gets it. */

import { beforeAll, expect, test } from 'vitest';
import { forAllTests } from '../support/for-all-tests.ts';
import { authorizationRequest, demoApp } from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { openTestBrowser } from '../web/test-browser.ts';

const server = forAllTests(() => startTestServer({ ISSUER: 'https://auth.test' }));
let address: string;

beforeAll(async () => {
  address = `http://127.0.0.1:${server.config.port}`;
});

/** Signs in on the way of an application; @returns every line that set a cookie. */
async function cookieLines(): Promise<string[]> {
  const browser = openTestBrowser(address);
  const { pathname, search } = new URL(
    authorizationRequest(server, demoApp, 'database:read_database').url,
  );
  const request = await browser.open(pathname + search);
  const step = `${request.location}/sign-in`;
  const form = await browser.open(step);
  const signedIn = await browser.send(step, { email: 'dba@acme.test', password: 'usher-demo' });
  expect(signedIn.location).toMatch(/^https:\/\/auth\.test\/oauth\/authorize\//);
  const resumed = await browser.open(new URL(signedIn.location ?? '').pathname);
  const visits = [request, form, signedIn, resumed];
  return visits.flatMap(({ headers }) => headers.getSetCookie());
}

test('each is out of reach of scripts, for https alone, small, and bound to this host', async () => {
  const lines = (await cookieLines()).filter((line) => !/^[^=]+=;/.test(line));
  const names = new Set(lines.map((line) => line.split('=')[0]?.replace(/\.sig$/, '')));
  expect([...names].toSorted()).toEqual([
    '__Host-usher_browser',
    '__Host-usher_device',
    '__Host-usher_session',
    '__Secure-usher_interaction',
    '__Secure-usher_resume',
  ]);
  for (const line of lines) {
    expect(line).toMatch(/; httponly/i);
    expect(line).toMatch(/; secure/i);
    expect(line).toMatch(/; samesite=lax/i);
    expect(line).not.toMatch(/; domain=/i);
    expect(line.length).toBeLessThan(1024);
    if (line.startsWith('__Host-')) expect(line).toMatch(/; path=\/(;|$)/i);
  }
});

test('one whose signature is another is no session', async () => {
  const browser = openTestBrowser(address);
  await browser.open('/sign-in');
  await browser.send('/sign-in', { email: 'dba@acme.test', password: 'usher-demo' });
  expect((await browser.open('/account')).status).toBe(200);
  browser.cookies.set('__Host-usher_session.sig', 'x'.repeat(27));
  expect((await browser.open('/account')).status).toBe(303);
});

test('one under the name that it has without https is no session', async () => {
  const browser = openTestBrowser(address);
  await browser.open('/sign-in');
  await browser.send('/sign-in', { email: 'dba@acme.test', password: 'usher-demo' });
  for (const suffix of ['', '.sig']) {
    const value = browser.cookies.get(`__Host-usher_session${suffix}`) ?? '';
    browser.cookies.delete(`__Host-usher_session${suffix}`);
    browser.cookies.set(`usher_session${suffix}`, value);
  }
  expect((await browser.open('/account')).status).toBe(303);
});
