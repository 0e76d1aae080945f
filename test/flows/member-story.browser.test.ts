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
    expect(await page.getByText('Picked:').innerText()).toBe('Picked: your own account, acme/shop');
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
    const facts = await page.locator('.facts').first().innerText();
    expect(facts).toContain('Acme');
    expect(facts).toContain('localhost:8765');

    const branches = page.locator('details.branches').filter({ hasText: 'acme/shop' });
    await branches.locator(':scope > summary').click();
    expect(await branches.locator('.badge-production').count()).toBe(1);
    const production = branches.locator('label', { hasText: 'production' }).first();
    expect(await production.innerText()).toMatch(/Needs Database Administrator of shop/);
    expect(await production.locator('input').isDisabled()).toBe(true);
    expect({ strangers, complaints }).toEqual({ strangers: [], complaints: [] });
  });

  test('ticks all or none of one place, and leaves the others and what is closed alone', async () => {
    const watched = await person();
    const { page } = watched;
    await ask(watched, 'developer@acme.test', everything);
    const ticked = (path: string) => {
      const place = page
        .locator('.resource')
        .filter({ has: page.locator(`[data-path="${path}"]`) });
      return place.locator('input[name^="scope:"]:checked').count();
    };
    const before = [await ticked('acme/shop'), await ticked('acme/analytics')];
    await page.getByText('Permissions on acme/shop', { exact: true }).click();
    await page.getByRole('button', { name: 'Tick none on acme/shop', exact: true }).click();
    expect([await ticked('acme/shop'), await ticked('acme/analytics')]).toEqual([0, before[1]]);
    await page.getByRole('button', { name: 'Tick all on acme/shop', exact: true }).click();
    expect([await ticked('acme/shop'), await ticked('acme/analytics')]).toEqual(before);
    expect(before[0]).toBeGreaterThan(10);
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
    expect(await page.getByText('Picked:').isVisible()).toBe(false);
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
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
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

  test('without the box for production, an administrator gives nothing on main', async () => {
    const watched = await person();
    const verifier = await ask(watched, 'admin@acme.test', everything);
    await watched.page.locator(shop).check();
    await watched.page.getByRole('button', { name: 'Allow' }).click();
    const token = await tokenFrom(await application.nextCallback(), verifier);
    expect(await onMain(token)).toBeUndefined();
    const staging = main.replace(/main$/, 'staging');
    const { scope } = await introspectAs(server, demoApi, token, staging);
    expect(scope).toContain('database:write_branches');
  });
});

/** Presses Tab until an element has the focus, as a person would. */
async function tabTo(page: Watched['page'], selector: string): Promise<void> {
  for (let presses = 0; presses < 200; presses++) {
    const focused = page.locator(`${selector}:focus`);
    if ((await focused.count()) === 1) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the Tab key does not reach ${selector}`);
}
