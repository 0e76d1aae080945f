/**
 * With the made-up catalogue every page says the words of that platform, and has its face: no "database",
 * no "branch". What stands in `code` is for programs, whose names are the same on every platform.
 */

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';
import { onceInChromium, openBrowser } from './browser.ts';
import { defaultWordsOn } from './default-words.ts';
import type { PageState } from './page-states.ts';

/** Tests these states, one after another at one server. */
export function testWords(title: string, states: readonly PageState[]): void {
  describe(...onceInChromium(title), () => inOneBrowser(states));
}

function inOneBrowser(states: readonly PageState[]): void {
  let server: TestServer;
  let browser: Browser;
  let page: Page; // one for all: a window for each state would take longer than the test
  beforeAll(async () => {
    [server, browser] = await Promise.all([startTestServer({ SIGN_UP: 'open' }), openBrowser()]);
    const viewport = { width: 320, height: 800 };
    const context = await browser.newContext({ colorScheme: 'dark', viewport });
    page = await context.newPage();
    page.setDefaultTimeout(10_000);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  test.each(states)('$name', async (state) => {
    await page.goto('about:blank');
    await page.context().clearCookies();
    await state.open(page, server);
    expect(await defaultWordsOn(page)).toEqual([]);
    expect(await page.locator('.wordmark, .product').innerText()).toBe('Workbench');
    const root = 'document.documentElement';
    expect(await page.evaluate(`${root}.scrollWidth - ${root}.clientWidth`)).toBe(0);
  });
}
