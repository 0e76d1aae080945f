/** The main story: a member consents in a browser, and the answers follow the member's role. */

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allScopes, formatScope } from '../../src/catalogue/scope-set.ts';
import { type Change, makeChange } from '../../src/demo/role-changes.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { authorizationRequest, demoApi, demoApp, introspectAs, redeem } from '../support/oauth.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import {
  inChromium,
  openBrowser,
  signIn,
  type WaitingApplication,
  type Watched,
  waitAtCallback,
  watchedPage,
} from './browser.ts';

const everything = formatScope(allScopes);
const main = 'organizations/acme/databases/shop/branches/main';
const shop = 'input[data-path="acme/shop"]';

describe(...inChromium('consent'), () => {
  let server: TestServer;
  let browser: Browser;
  let application: WaitingApplication;
  beforeAll(async () => {
    [server, browser, application] = await Promise.all([
      startTestServer(),
      openBrowser(),
      waitAtCallback(8765),
    ]);
  });
  afterAll(async () => {
    await Promise.all([browser?.close(), application?.close()]);
    await server?.close();
  });

  const person = (options = {}): Promise<Watched> =>
    watchedPage(browser, [server.issuer, application.origin], options);
  const ask = async ({ page }: Watched, email: string, scope: string) => {
    const { url, verifier } = authorizationRequest(server, demoApp, scope);
    await page.goto(url);
    await signIn(page, email);
    return verifier;
  };
  const tokenFrom = async (callback: URLSearchParams, verifier: string): Promise<string> => {
    const answer = await redeem(server, demoApp, callback.get('code') ?? '', verifier);
    expect(answer.status).toBe(200);
    return answer.body.access_token;
  };
  const onMain = async (token: string): Promise<string[] | undefined> =>
    (await introspectAs(server, demoApi, token, main)).scope?.split(' ');
  const change = async (email: string, what: Change) => {
    const { db } = server.database;
    const [account] = await db.query<{ id: string }>(
      statement('select id from accounts where email = $1'),
      [email],
    );
    const stage = { organization: 'acme', database: 'shop', branch: 'staging' };
    expect(await makeChange(db, account?.id ?? '', stage, what)).toBe(true);
  };

  test("the answer follows the member's role, and ends with the consent", async () => {
    const watched = await person();
    const { page, strangers, complaints } = watched;
    const verifier = await ask(watched, 'member@acme.test', everything);
    await page.locator(shop).check();
    await page.getByLabel('Include production branches of acme/shop').check();
    await page.getByRole('button', { name: 'Everything requested' }).click();
    await page.getByRole('button', { name: 'Allow' }).click();
    const token = await tokenFrom(await application.nextCallback(), verifier);

    const asMember = (await onMain(token)) ?? [];
    expect(asMember).toContain('database:read_branches');
    expect(asMember).not.toContain('database:write_branches');
    expect(asMember).not.toContain('database:write_backups');

    await change('member@acme.test', 'database_admin');
    const asAdministrator = (await onMain(token)) ?? [];
    expect(asAdministrator.filter((scope) => !asMember.includes(scope))).toEqual([
      'database:write_branches',
      'database:write_backups',
    ]);
    expect(asAdministrator).toEqual(expect.arrayContaining(asMember));

    await change('member@acme.test', 'leave');
    expect(await introspectAs(server, demoApi, token, main)).toMatchObject({ active: true });
    expect(await onMain(token)).toBeUndefined();

    await page.goto(`${server.issuer}/account/applications`);
    await page.locator('summary').filter({ hasText: 'Remove access' }).click();
    await page.getByRole('button', { name: 'Remove all access of Demo App' }).click();
    await page.getByText('Access removed.').waitFor();
    expect(await introspectAs(server, demoApi, token, main)).toEqual({ active: false });
    expect({ strangers, complaints }).toEqual({ strangers: [], complaints: [] });
  });

  test('the page says who asks, marks production, and gives the reason for what is closed', async () => {
    const watched = await person();
    const { page, strangers, complaints } = watched;
    await ask(watched, 'developer@acme.test', 'database:read_database branch:write_backups');
    await page.getByRole('heading', { name: 'Demo App asks for access' }).waitFor();
    const facts = await page.locator('.consent-facts').innerText();
    expect(facts).toContain('By Acme');
    expect(facts).toContain('localhost:8765');
    expect(facts).toContain('developer@acme.test');

    await page.getByRole('button', { name: '3 branches of acme/shop' }).click();
    const main = page
      .locator('.resource')
      .filter({ has: page.locator('[data-path="acme/shop/main"]') });
    await main.waitFor();
    expect(await page.locator('.badge-production').count()).toBe(1);
    expect(await main.innerText()).toMatch(
      /production[\s\S]*Needs the role Database Administrator on acme\/shop/,
    );
    expect(await main.locator('input[name="pick"]').isDisabled()).toBe(true);
    expect(await page.evaluate('document.activeElement.id')).toBe('results');
    expect({ strangers, complaints }).toEqual({ strangers: [], complaints: [] });
  });

  test('"Only look" and "Everything requested" tick in place, and "Choose" opens all groups', async () => {
    const watched = await person();
    const { page } = watched;
    await ask(watched, 'developer@acme.test', everything);
    const ticked = () => page.locator('input[name="scope"]:checked').count();
    const closed = () => page.locator('.scope-group:not([open])').count();
    expect([await ticked(), await closed()]).toEqual([1, 5]);
    await page.getByRole('button', { name: 'Everything requested' }).click();
    const all = await ticked();
    await page.getByRole('button', { name: 'Only look' }).click();
    const looking = await ticked();
    expect(looking).toBeGreaterThan(5);
    expect(all).toBeGreaterThan(looking + 10);
    await page.getByRole('button', { name: 'Choose' }).click();
    expect([await ticked(), await closed()]).toEqual([looking, 0]);
    expect(watched.complaints).toEqual([]);
  });

  test('"Cancel" tells the application that access was denied', async () => {
    const watched = await person();
    await ask(watched, 'dba@acme.test', 'database:read_database');
    await watched.page.getByRole('button', { name: 'Cancel' }).click();
    const callback = await application.nextCallback();
    expect(Object.fromEntries(callback)).toMatchObject({
      error: 'access_denied',
      state: 'state-1',
      iss: server.issuer,
    });
    expect(watched.complaints).toEqual([]);
  });

  test('works without JavaScript', async () => {
    const watched = await person({ javaScriptEnabled: false });
    const { page } = watched;
    const verifier = await ask(watched, 'team@acme.test', everything);
    await page.locator(shop).check();
    await page.getByLabel('Include production branches of acme/shop').check();
    await page.getByRole('button', { name: 'Everything requested' }).click();
    expect(await page.locator(shop).isChecked()).toBe(true);
    await page.getByRole('button', { name: 'Allow' }).click();
    const token = await tokenFrom(await application.nextCallback(), verifier);
    expect(await onMain(token)).toContain('database:read_branches');
    expect({ ...watched, page: undefined }).toMatchObject({ strangers: [], complaints: [] });
  });

  test('works with the keyboard alone', async () => {
    const { page, complaints } = await person();
    const { url, verifier } = authorizationRequest(server, demoApp, everything);
    await page.goto(url);
    await tabTo(page, 'input[name="email"]');
    await page.keyboard.type('consultant@vault.test');
    await tabTo(page, 'input[name="password"]');
    await page.keyboard.type('usher-demo');
    await Promise.all([page.waitForURL(/consent$/), page.keyboard.press('Enter')]);

    await tabTo(page, shop);
    await page.keyboard.press('Space');
    await tabTo(page, 'input[name^="production:"]');
    await page.keyboard.press('Space');
    await tabTo(page, 'button[value="all"]');
    await page.keyboard.press('Enter');
    await tabTo(page, 'button[value="allow"]');
    await page.keyboard.press('Enter');
    const token = await tokenFrom(await application.nextCallback(), verifier);
    expect(await onMain(token)).toContain('database:read_branches');
    expect(complaints).toEqual([]);
  });

  test.each([320, 1280])('nothing is wider than the page at %i pixels', async (width) => {
    const watched = await person({ viewport: { width, height: 800 } });
    await ask(watched, 'admin@acme.test', everything);
    const overflow = await watched.page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    expect(overflow).toBe(0);
  });

  test('the whole catalogue fits on two screens, and Allow is always in view', async () => {
    const watched = await person({ viewport: { width: 1440, height: 900 } });
    const { page } = watched;
    await ask(watched, 'admin@acme.test', everything);
    expect(await page.evaluate('document.documentElement.scrollHeight')).toBeLessThanOrEqual(1800);
    const few = authorizationRequest(
      server,
      demoApp,
      'database:read_database database:write_branches',
    );
    await page.goto(few.url);
    expect(await page.locator('input:checked').count()).toBe(0);
    for (const path of ['acme/shop', 'acme/analytics']) {
      await page.locator(`input[data-path="${path}"]`).check();
    }
    for (const [width, height] of [
      [1280, 720],
      [375, 812],
    ] as const) {
      await page.setViewportSize({ width, height });
      const box = await page.locator('button[value="allow"]').boundingBox();
      expect(box?.y).toBeGreaterThan(0);
      expect((box?.y ?? height) + (box?.height ?? 0)).toBeLessThanOrEqual(height);
    }
    for (const width of [1440, 760, 480, 375, 320]) {
      await page.setViewportSize({ width, height: 812 });
      const boxes = await Promise.all(
        ['allow', 'cancel'].map((name) => page.locator(`button[value="${name}"]`).boundingBox()),
      );
      expect([width, boxes[1]?.y]).toEqual([width, boxes[0]?.y]); // in one row
    }
    await page.setViewportSize({ width: 375, height: 568 });
    expect(await hiddenByTheBar(page)).toEqual([]);
    await page.setViewportSize({ width: 1280, height: 400 }); // no room for it to stay
    const position = "getComputedStyle(document.querySelector('.decide')).position";
    expect(await page.evaluate(position)).toBe('static');
  });

  test('without the box for production, an administrator gives nothing on main', async () => {
    const watched = await person();
    const verifier = await ask(watched, 'admin@acme.test', everything);
    await watched.page.locator(shop).check();
    await watched.page.getByRole('button', { name: 'Everything requested' }).click();
    await watched.page.getByRole('button', { name: 'Allow' }).click();
    const token = await tokenFrom(await application.nextCallback(), verifier);
    expect(await onMain(token)).toBeUndefined();
    const staging = main.replace(/main$/, 'staging');
    const { scope } = await introspectAs(server, demoApi, token, staging);
    expect(scope).toContain('database:write_branches');
  });
});

/** @returns what the bar at the foot hides while it has the focus, all the way down and up again. */
async function hiddenByTheBar(page: Watched['page']): Promise<string[]> {
  const hidden: string[] = [];
  for (const key of ['Tab', 'Shift+Tab']) {
    for (let presses = 0; presses < 40; presses++) {
      await page.keyboard.press(key);
      const name = await page.evaluate<string>(`(() => {
        const bar = document.querySelector('.decide');
        const focused = document.activeElement;
        if (focused === document.body || bar.contains(focused)) return '';
        const covers = focused.getBoundingClientRect().bottom > bar.getBoundingClientRect().top;
        return covers && bar.getBoundingClientRect().bottom > focused.getBoundingClientRect().top
          ? focused.outerHTML
          : '';
      })()`);
      if (name !== '') hidden.push(name);
    }
  }
  return hidden;
}

/** Presses Tab until an element has the focus, as a person would. */
async function tabTo(page: Watched['page'], selector: string): Promise<void> {
  for (let presses = 0; presses < 200; presses++) {
    const focused = page.locator(`${selector}:focus`);
    if ((await focused.count()) === 1) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the Tab key does not reach ${selector}`);
}
