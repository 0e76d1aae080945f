/** What was done on the way to another page is said there, once, and to nobody who is signed out. */

import { expect, test } from 'vitest';
import { forAllTests } from '../support/for-all-tests.ts';
import { texts } from '../support/texts.ts';
import { openTestBrowser } from './test-browser.ts';
import { signedInAt, startTestSite } from './test-site.ts';

const site = forAllTests(startTestSite);
const said = texts.in('en').text('security.done-added');

test('the first page says it, and no other', async () => {
  const { browser } = await signedInAt(site);
  expect((await browser.open('/account')).text).not.toContain(said);
  browser.cookies.set('usher_done', 'passkey');
  expect((await browser.open('/account')).text).toContain(said);
  expect((await browser.open('/account')).text).not.toContain(said);
});

test('whatever else the cookie holds says nothing', async () => {
  const { browser } = await signedInAt(site);
  for (const value of ['', 'constructor', '<b>x</b>', 'passkey passkey']) {
    browser.cookies.set('usher_done', value);
    const { status, text } = await browser.open('/account');
    expect([status, text.includes(said), text.includes('<b>x')]).toEqual([200, false, false]);
  }
});

test('nobody is told while signed out: it waits for the page after the sign-in', async () => {
  const browser = openTestBrowser(site.issuer);
  browser.cookies.set('usher_done', 'passkey');
  expect((await browser.open('/sign-in')).text).not.toContain(said);
  expect(browser.cookies.get('usher_done')).toBe('passkey');
});
