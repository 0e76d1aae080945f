/** The account's own page: what it shows, and what its forms do. */

import { expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import { addSession, password } from '../accounts/people.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { openTestBrowser } from './test-browser.ts';
import { signedInAt, startTestSite } from './test-site.ts';

const site = forAllTests(startTestSite);

async function signedIn() {
  const somebody = await signedInAt(site);
  await somebody.browser.open('/account');
  return somebody;
}

test('shows the profile and the sessions, this one marked', async () => {
  const { account, browser } = await signedIn();
  await addSession(site.db, account.id);
  const { text, headers } = await browser.open('/account');
  expect(text).toContain(account.name);
  expect(text.match(/This browser/g)).toHaveLength(1);
  expect(text.match(/Another browser/g)).toHaveLength(1);
  expect(headers.get('cache-control')).toBe('no-store');
});

test('signs out everywhere else', async () => {
  const { account, browser } = await signedIn();
  await addSession(site.db, account.id);
  const { location } = await browser.send('/account/sessions');
  const { text } = await browser.open(location ?? '');
  expect(text).toContain('You’re signed out everywhere else.');
  expect(text).not.toContain('Another browser');
});

test('changes the password, and goes on under a new session id', async () => {
  const { account, browser } = await signedIn();
  const before = browser.cookies.get('session') ?? '';
  const next = 'another horse battery';
  const answer = await browser.send('/account/password', {
    current_password: password,
    new_password: next,
    repeated_password: next,
  });
  expect(answer).toMatchObject({ status: 303, location: '/account?done=password' });
  expect((await browser.open('/account')).status).toBe(200);
  expect(browser.cookies.get('session')).not.toBe(before);

  const other = openTestBrowser(site.issuer);
  await other.open('/sign-in');
  const wanted = { email: account.email, password: next };
  expect((await other.send('/sign-in', wanted)).status).toBe(303);
  other.cookies.set('session', before);
  expect((await other.open('/account')).status).toBe(303);
});

test.each([
  ['Incorrect password.', 'not this one', 'a new password', 'a new password'],
  ['Use at least 8 characters.', password, 'short', 'short'],
  ['don’t match', password, 'a new password', 'another password'],
])('says "%s"', async (words, current, next, repeated) => {
  const { browser } = await signedIn();
  const { status, text } = await browser.send('/account/password', {
    current_password: current,
    new_password: next,
    repeated_password: repeated,
  });
  expect(status).toBe(422);
  expect(text).toContain(words);
});

test.each(['/account/password', '/account/sessions'])(
  '%s takes no form of nobody, of another person, or of another purpose',
  async (path) => {
    expect((await openTestBrowser(site.issuer).send(path)).status).toBe(403);

    const ada = await signedIn();
    const { text } = await ada.browser.open('/account');
    const token = /name="token" value="([^"]*)"/.exec(text)?.[1] ?? '';
    const bob = await signedIn();
    expect((await bob.browser.send(path, { token })).status).toBe(403);

    await bob.browser.open('/sign-out');
    expect((await bob.browser.send(path)).status).toBe(403);
  },
);

test('a suspended account is out at once', async () => {
  const { account, browser } = await signedIn();
  const suspend = statement("update accounts set status = 'suspended' where id = $1");
  await site.db.query(suspend, [account.id]);
  expect((await browser.open('/account')).status).toBe(303);
});
