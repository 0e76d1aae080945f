/** A person signs out by an application: our page, the application's, without a script. */

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import { authorizationRequest, consentTo, demoApp } from '../support/oauth.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import {
  inChromium,
  openBrowser,
  signIn,
  type WaitingApplication,
  waitAtCallback,
  watchedPage,
} from './browser.ts';

const dba = 'dba@acme.test';
const scope = 'database:read_database';

describe(...inChromium('signing out by an application'), () => {
  let usher: TestServer;
  let browser: Browser;
  let application: WaitingApplication;
  beforeAll(async () => {
    [usher, browser, application] = await Promise.all([
      startTestServer(),
      openBrowser(),
      waitAtCallback(8765),
    ]);
    await consentTo(usher, demoApp, dba, scope, ['acme/shop']);
    await usher.database.db.query(
      statement(`
        update clients set metadata = metadata || $2::jsonb where id = $1`),
      [demoApp.id, { postLogoutRedirectUris: [`${application.origin}/callback`] }],
    );
  });
  afterAll(async () => {
    await browser?.close();
    await application?.close();
    await usher?.close();
  });

  const logout = () =>
    `${usher.issuer}/oauth/end-session?${new URLSearchParams({
      client_id: demoApp.id,
      post_logout_redirect_uri: `${application.origin}/callback`,
      state: 'bye',
    })}`;

  test.each([true, false])('scripts allowed: %s', async (javaScriptEnabled) => {
    const origins = [usher.issuer, application.origin];
    const { page, complaints, strangers } = await watchedPage(browser, origins, {
      javaScriptEnabled,
    });
    await page.goto(authorizationRequest(usher, demoApp, scope).url);
    await signIn(page, dba);
    expect((await application.nextCallback()).get('code')).not.toBeNull();
    await page.waitForURL(`${application.origin}/**`);

    await page.goto(logout());
    await page.getByRole('button', { name: 'Sign out' }).click();
    expect((await application.nextCallback()).get('state')).toBe('bye');
    await page.waitForURL(`${application.origin}/**`);
    await page.goto(`${usher.issuer}/account`);
    expect(new URL(page.url()).pathname).toBe('/sign-in');
    expect({ complaints, strangers }).toEqual({ complaints: [], strangers: [] });
  });

  test('"Stay signed in" keeps the session', async () => {
    const { page } = await watchedPage(browser, [usher.issuer]);
    await page.goto(`${usher.issuer}/sign-in`);
    await signIn(page, dba);
    await page.goto(logout());
    await page.getByRole('link', { name: 'Stay signed in' }).click();
    await page.waitForURL('**/account');
    expect(await page.content()).toContain(dba);
  });
});
