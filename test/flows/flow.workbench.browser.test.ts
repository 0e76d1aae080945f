/**
 * Another platform from end to end, by a person in a browser: its scopes, signing in, consenting, and
 * what its token then does; nothing that is read calls anything by the words of the default catalogue.
 */

import '../catalogue/on-workbench.ts';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { inChromium, serverAndBrowser, signIn, watchedPage } from './browser.ts';
import { defaultWordsOn } from './default-words.ts';
import { stage } from './stage.ts';

const draft = 'organizations/studio/databases/website/branches/draft';

describe(...inChromium('another platform'), () => {
  const { server, browser } = serverAndBrowser();

  const press = async (page: Page, name: string) => {
    await page.getByRole('button', { name }).first().click();
    await page.waitForLoadState();
  };

  test.each([
    { colorScheme: 'light', width: 1440, email: stage.administrator },
    { colorScheme: 'dark', width: 375, email: stage.member },
  ] as const)('from its scopes to its token: $colorScheme, $width', async (look) => {
    const { colorScheme, width, email } = look;
    const options = { colorScheme, viewport: { width, height: 900 } };
    const { page, strangers, complaints } = await watchedPage(browser, [server.issuer], options);
    const isInItsWords = async (title: RegExp) => {
      expect(await page.title()).toMatch(title);
      expect(await defaultWordsOn(page)).toEqual([]);
      const root = 'document.documentElement';
      expect(await page.evaluate(`${root}.scrollWidth - ${root}.clientWidth`)).toBe(0);
    };

    await page.goto(`${server.issuer}/scopes`);
    await isInItsWords(/· Workbench$/);
    expect(await page.locator('main').innerText()).toContain('publish_environments');

    await page.goto(`${server.issuer}/demo`);
    await isInItsWords(/· Workbench$/);
    await page.getByLabel('your own list').fill('database:read_project write_environments');
    await press(page, 'Ask for these');
    await isInItsWords(/Sign in.* · Workbench$/);
    await signIn(page, email);

    await isInItsWords(/· Workbench$/);
    await page.locator(`input[data-path="${stage.place}"]`).check();
    expect(await page.locator('#search-hint').innerText()).toContain('website/draft');
    const production = page.getByLabel('Include live environments of studio/website');
    if (await production.isEnabled()) await production.check();
    await press(page, 'Everything requested');
    await isInItsWords(/· Workbench$/);
    await press(page, 'Allow');
    expect(await page.locator('pre').innerText()).toContain('"authorization_details"');
    await isInItsWords(/· Workbench$/);

    await page.getByRole('link', { name: 'Use the token' }).click();
    await isInItsWords(/· Workbench$/);
    await page.locator(`[id="${draft}"] button[value="write_environments"]`).first().click();
    await page.waitForLoadState();
    await isInItsWords(/· Workbench$/);
    const said = page.getByRole('status');
    expect(await said.innerText()).toContain('Allowed by database:write_environments');
    expect({ strangers, complaints }).toEqual({ strangers: [], complaints: [] });
  });
});
