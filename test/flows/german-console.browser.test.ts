/** The console in German, in its states, on a narrow screen: German is long. */

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';
import { onceInChromium, openBrowser } from './browser.ts';
import { whyStates } from './console-why-states.ts';
import { expectGerman } from './german-page.ts';

describe(...onceInChromium('the console in German'), () => {
  let server: TestServer;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startTestServer(), openBrowser()]);
    const narrow = { width: 320, height: 800 };
    const options = { locale: 'de', reducedMotion: 'reduce', viewport: narrow } as const;
    page = await (await browser.newContext(options)).newPage();
    page.setDefaultTimeout(10_000);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  test.each(whyStates)('$name', async ({ open }) => {
    await page.context().clearCookies();
    await open(page, server);
    await expectGerman(page);
    expect(await page.locator('main').innerText()).not.toMatch(/\b(?:the|this|tried|nobody)\b/i);
  });
});
