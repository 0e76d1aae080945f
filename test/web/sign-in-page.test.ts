/** Signing in and out as a browser does it, and as somebody does it who means no good. */

import { describe, expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import { addAccount, password } from '../accounts/people.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { openTestBrowser } from './test-browser.ts';
import { signedInAt, startTestSite } from './test-site.ts';

const site = forAllTests(startTestSite);

const signedIn = () => signedInAt(site);

const forget = statement('delete from attempt_counters');

describe('signing in', () => {
  test('leads to where the visitor wanted to go', async () => {
    const { email } = await addAccount(site.db);
    const browser = openTestBrowser(site.issuer);
    const away = await browser.open('/account?x=1');
    expect(away).toMatchObject({ status: 303, location: '/sign-in?next=%2Faccount%3Fx%3D1' });
    await browser.open(away.location ?? '');
    const done = await browser.send(away.location ?? '', { email, password });
    expect(done).toMatchObject({ status: 303, location: '/account?x=1' });
    expect((await browser.open('/account')).text).toContain(email);
  });

  test('gives a new session, whatever cookie was there', async () => {
    const { email } = await addAccount(site.db);
    const browser = openTestBrowser(site.issuer);
    browser.cookies.set('session', 'planted');
    await browser.open('/sign-in');
    await browser.send('/sign-in', { email, password });
    expect(browser.cookies.get('session')).toMatch(/^[\w-]{43}$/);
  });

  test('is not asked of somebody who is signed in', async () => {
    const { browser } = await signedIn();
    expect(await browser.open('/sign-in')).toMatchObject({ status: 303, location: '/' });
  });

  test.each([
    '//evil.test',
    '/\\evil.test',
    'https://evil.test/',
    '/..//evil.test',
    '/.//evil.test',
    '/\t/evil.test',
    'account',
    'javascript:alert(1)',
  ])('does not lead to %s', async (next) => {
    const { browser } = await signedIn();
    const { location } = await browser.open(`/sign-in?next=${encodeURIComponent(next)}`);
    expect(location).toBe('/');
  });

  test('says what is missing, and keeps the address', async () => {
    const browser = openTestBrowser(site.issuer);
    await browser.open('/sign-in');
    const { status, text } = await browser.send('/sign-in', { email: 'ada@acme.test' });
    expect(status).toBe(422);
    expect(text).toContain('Enter your password.');
    expect(text).toContain('value="ada@acme.test"');
  });

  test('shows what was typed as text', async () => {
    const browser = openTestBrowser(site.issuer);
    await browser.open('/sign-in');
    const { text } = await browser.send('/sign-in', {
      email: '"><script>x</script>',
      password: 'x',
    });
    expect(text).not.toContain('<script>');
  });
});

describe('being refused', () => {
  test('is in the title, and the fields refer to the reason', async () => {
    const browser = openTestBrowser(site.issuer);
    expect((await browser.open('/sign-in')).text).toContain('<title>Sign in · Usher</title>');
    const wrong = { email: 'nobody@acme.test', password: 'wrong' };
    const { text } = await browser.send('/sign-in', wrong);
    expect(text).toContain('<title>Error: Sign in · Usher</title>');
    expect(text).toMatch(/id="notice" role="alert">\s*<p>Incorrect email or password/);
    expect(text.match(/<input [^>]*aria-describedby="notice"/g)).toHaveLength(2);
    const { text: empty } = await browser.send('/sign-in', { email: '', password: '' });
    expect(empty).toContain('<title>Error: ');
    expect(empty).toMatch(
      /<input id="email"[^>]*aria-invalid="true" aria-describedby="email-error"/,
    );
  });

  test('is the same, byte for byte, whoever was tried', async () => {
    const known = await addAccount(site.db);
    const suspended = await addAccount(site.db, { status: 'suspended' });
    const browser = openTestBrowser(site.issuer);
    await browser.open('/sign-in');
    const answers = [];
    for (const email of [known.email, 'nobody@acme.test', suspended.email]) {
      const { status, headers, text } = await browser.send('/sign-in', {
        email,
        password: 'wrong',
      });
      const names = [...headers.keys()].filter((name) => name !== 'date');
      answers.push({ status, names, text: withoutToken(text).replaceAll(email, 'EMAIL') });
    }
    expect(answers[0]?.status).toBe(422);
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  test('after ten tries it says how long to wait, also for the right password', async () => {
    const { email } = await addAccount(site.db);
    const browser = openTestBrowser(site.issuer);
    await browser.open('/sign-in');
    for (let i = 0; i < 10; i++) await browser.send('/sign-in', { email, password: 'wrong' });
    const wrong = await browser.send('/sign-in', { email, password: 'wrong' });
    const right = await browser.send('/sign-in', { email, password });
    for (const answer of [wrong, right]) {
      expect(answer.status).toBe(429);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(answer.text).toContain('works again in 15 minutes');
    }
    expect(withoutToken(right.text)).toBe(withoutToken(wrong.text));
    await site.db.query(forget);
  });

  test('the owner still gets in, in the browser that was used before', async () => {
    const { account, browser } = await signedIn();
    await browser.open('/sign-out');
    await browser.send('/sign-out');
    const attacker = openTestBrowser(site.issuer);
    await attacker.open('/sign-in');
    const guess = { email: account.email, password: 'wrong' };
    for (let i = 0; i < 11; i++) await attacker.send('/sign-in', guess);
    await browser.open('/sign-in');
    const answer = await browser.send('/sign-in', { email: account.email, password });
    expect(answer.status).toBe(303);
    await site.db.query(forget);
  });

  test.each(['usher_browser', 'token'])('without %s nothing is looked at', async (missing) => {
    const { email } = await addAccount(site.db);
    const browser = openTestBrowser(site.issuer);
    await browser.open('/sign-in');
    browser.cookies.delete(missing);
    const fields = missing === 'token' ? { token: '' } : {};
    const answer = await browser.send('/sign-in', { email, password, ...fields });
    expect(answer.status).toBe(403);
    expect(browser.cookies.has('session')).toBe(false);
  });
});

describe('signing out', () => {
  test('asks, then ends the session for good', async () => {
    const { browser } = await signedIn();
    const old = browser.cookies.get('session') ?? '';
    expect((await browser.open('/sign-out')).text).toContain('Sign out?');
    expect(await browser.send('/sign-out')).toMatchObject({ status: 303, location: '/' });
    browser.cookies.set('session', old);
    expect(await browser.open('/account')).toMatchObject({ status: 303 });
  });

  test('cannot be done by a form of another purpose', async () => {
    const { browser } = await signedIn();
    await browser.open('/account');
    expect((await browser.send('/sign-out')).status).toBe(403);
    expect((await browser.open('/account')).status).toBe(200);
  });

  test('of nobody leads home', async () => {
    const browser = openTestBrowser(site.issuer);
    expect(await browser.open('/sign-out')).toMatchObject({ status: 303, location: '/' });
  });
});

/** Each page has a token of its own. */
function withoutToken(text: string): string {
  return text.replace(/(name="token" value=")[^"]*/, '$1');
}
