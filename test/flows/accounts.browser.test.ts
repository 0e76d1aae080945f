/** From sign-up to the end of the account by keyboard alone, with JavaScript and without. */

import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { freshEmail } from '../operator/operators.ts';
import { inChromium, serverAndBrowser, watchedPage } from './browser.ts';
import { linkTo } from './mailed-links.ts';

const password = 'velvet turbine';
const another = 'copper lantern';

describe(...inChromium('an account'), () => {
  const { server, browser } = serverAndBrowser({ SIGN_UP: 'open' });

  /** The page puts the keyboard where one begins; Enter sends. */
  async function type(page: Page, ...texts: string[]): Promise<void> {
    const focused = () => page.evaluate<string>('document.activeElement?.tagName ?? ""');
    await expect.poll(focused).toBe('INPUT');
    for (const [at, text] of texts.entries()) {
      if (at > 0) await page.keyboard.press('Tab');
      await page.keyboard.type(text);
    }
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  }

  /** Goes on by Tab until the control of that name has the keyboard, then presses it. */
  async function press(page: Page, name: string): Promise<void> {
    const focused = () =>
      page.evaluate<string>('(document.activeElement?.textContent ?? "").trim()');
    for (let n = 0; n < 40 && (await focused()) !== name; n++) await page.keyboard.press('Tab');
    expect(await focused()).toBe(name);
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  }

  const heading = (page: Page) => page.locator('h1').textContent();

  test.each([
    ['with JavaScript', true],
    ['without JavaScript', false],
  ])('is made, renamed, moved, got back and deleted, %s', async (_how, javaScriptEnabled) => {
    const [email, moved] = [freshEmail(), freshEmail()];
    const options = { javaScriptEnabled };
    const watched = await watchedPage(browser, [server.issuer], options);
    const { page, strangers, complaints } = watched;
    page.setDefaultTimeout(20_000);

    await page.goto(`${server.issuer}/sign-in`);
    await press(page, 'Create an account');
    await type(page, email);
    expect(await heading(page)).toBe('Check your email');
    await page.goto(server.issuer + (await linkTo(server, email)));
    await type(page, 'Ada', 'password1');
    expect(await page.locator('[aria-invalid]').getAttribute('name')).toBe('password');
    await type(page, password);
    expect(await page.locator('.notice-good').textContent()).toContain('Your account is ready');

    await press(page, 'Change name');
    await page.keyboard.press('Control+A');
    await type(page, 'Ada Lovelace');
    expect(await page.locator('#profile').textContent()).toContain('Ada Lovelace');

    await press(page, 'Change email');
    await type(page, moved);
    await page.goto(server.issuer + (await linkTo(server, moved)));
    await press(page, 'Confirm');
    expect(await page.locator('#profile').textContent()).toContain(moved);

    await page.context().clearCookies();
    await page.goto(`${server.issuer}/sign-in`);
    await press(page, 'Forgot your password?');
    await type(page, moved);
    await page.goto(server.issuer + (await linkTo(server, moved)));
    await type(page, another);
    expect(await page.locator('.notice-good').textContent()).toContain('new password is set');

    await press(page, 'Delete account');
    expect(await page.locator('#ends').textContent()).toContain('in 1 browser');
    await press(page, 'Delete my account');
    expect(await heading(page)).toBe('Your account is deleted');
    const others = complaints.filter((text) => !text.includes('status of 422')); // the refused password
    expect([strangers, others]).toEqual([[], []]);
    await page.context().close();
  });
});
