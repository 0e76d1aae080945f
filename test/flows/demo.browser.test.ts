/** The demo, clicked through: ask, use, change a role, refresh, revoke. */

import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { inChromium, serverAndBrowser, signIn, watchedPage } from './browser.ts';

const main = 'organizations/acme/databases/shop/branches/main';

describe(...inChromium('the demo'), () => {
  const { server, browser } = serverAndBrowser();

  const press = async (page: Page, name: string) => {
    await page.getByRole('button', { name }).first().click();
    await page.waitForLoadState();
  };
  const said = (page: Page) => page.getByRole('status').innerText();

  test.each([true, false])(
    'from asking to revoking (JavaScript: %s)',
    async (javaScriptEnabled) => {
      const email = javaScriptEnabled ? 'member@acme.test' : 'team@acme.test';
      const watched = await watchedPage(browser, [server.issuer], { javaScriptEnabled });
      const { page, strangers, complaints } = watched;

      await page.goto(`${server.issuer}/demo`);
      await press(page, 'Everything');
      await signIn(page, email);
      await page.locator('input[data-path="acme/shop"]').check();
      await page.getByLabel('Include production branches of acme/shop').check();
      await press(page, 'Everything requested');
      await press(page, 'Allow');
      expect(await page.locator('pre').innerText()).toContain('"authorization_details"');
      expect(await page.content()).not.toMatch(/usher_[ar]t_\w{20}/);

      await page.reload();
      expect(await page.locator('main').innerText()).toMatch(/no new token[\s\S]*already used/);
      const playground = page.waitForEvent('load');
      await page.getByRole('link', { name: 'Use the token from before' }).click();
      await playground;
      await page.evaluate('document.documentElement.dataset.seen = "yes"').catch(() => {});
      await press(page, 'Database Administrator of shop');
      await expect
        .poll(() => said(page))
        .toMatch(/acme\/shop\/main\s+now allowed database:write_branches database:write_backups$/);
      // The promise, in two clicks after Allow; with a script it changes in place.
      const isSame = (await page.locator('html[data-seen]').count()) === 1;
      expect(isSame).toBe(javaScriptEnabled);
      await page.locator(`[id="${main}"] button[value="write_branches"]`).click();
      await expect.poll(() => said(page)).toContain('Allowed by database:write_branches');

      await page.getByRole('link', { name: 'Back to the playground' }).click();
      await press(page, 'No role of their own on shop');
      await expect
        .poll(() => said(page))
        .toMatch(/no longer allowed database:write_branches database:write_backups$/);
      await page.locator(`[id="${main}"] .is-lost button[value="write_branches"]`).click();
      await expect
        .poll(() => said(page))
        .toContain("Nothing in Usher's answer allows this here now");

      await page.getByRole('link', { name: 'Back to the playground' }).click();
      await press(page, 'Refresh');
      await expect.poll(() => said(page)).toContain('new pair of tokens');
      await press(page, 'Remove from acme');
      await expect.poll(() => said(page)).toContain('no longer');
      await press(page, 'Bring back to acme');
      await expect.poll(() => said(page)).toContain('The token can do what it could before.');
      await press(page, 'Revoke');
      expect(await page.locator('main').innerText()).toContain('{"active":false}');
      await press(page, 'Refresh');
      await expect.poll(() => said(page)).toContain('This access has ended');
      expect({ strangers, complaints }).toEqual({ strangers: [], complaints: [] });
    },
  );

  test('a promoted branch loses what only development branches give', async () => {
    const { page } = await watchedPage(browser, [server.issuer]);
    await page.goto(`${server.issuer}/demo`);
    await page.getByLabel('your own list').fill('delete_branches read_branches');
    await press(page, 'Ask for these');
    await signIn(page, 'developer@acme.test');
    await page.locator('input[data-path="acme/shop"]').check();
    await page.getByLabel('Include production branches of acme/shop').check();
    await press(page, 'Everything requested');
    await press(page, 'Allow');
    const playground = page.waitForEvent('load');
    await page.getByRole('link', { name: 'Use the token' }).click();
    await playground;
    await press(page, 'Make staging a production branch');
    await expect
      .poll(() => said(page))
      .toMatch(/acme\/shop\/staging\s+no longer allowed database:delete_branches$/);
    await press(page, 'Make staging a development branch');
    await expect
      .poll(() => said(page))
      .toMatch(/acme\/shop\/staging\s+now allowed database:delete_branches$/);
  });

  test('tells what Usher refused', async () => {
    const { page } = await watchedPage(browser, [server.issuer]);
    await page.goto(`${server.issuer}/demo`);
    await page.getByLabel('your own list').fill('database:fly');
    await press(page, 'Ask for these');
    expect(await page.locator('.facts').innerText()).toMatch(/invalid_scope[\s\S]*database:fly/);
    await page.goto(`${server.issuer}/demo/callback?code=made-up&state=made-up`);
    expect(await page.locator('.facts').innerText()).toContain('didn’t start a request');
  });

  test('a form from elsewhere, or without its token, changes nothing', async () => {
    const { page } = await watchedPage(browser, [server.issuer]);
    await page.goto(`${server.issuer}/demo`);
    const send = (path: string) =>
      page.request.post(`${server.issuer}${path}`, { form: { change: 'leave' } });
    for (const path of ['ask', 'try', 'refresh', 'revoke', 'role']) {
      expect((await send(`/demo/${path}`)).status()).toBe(403);
    }
  });
});
