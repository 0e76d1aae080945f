/** The consent page of somebody who had to sign in again, and the sign-in between. */

import type { Page } from 'playwright-core';
import { statement } from '../../src/storage/engine/database.ts';
import { authorizationRequest, demoApp } from '../support/oauth.ts';
import type { TestServer } from '../support/server.ts';
import { stage } from './stage.ts';

type Open = (page: Page, server: TestServer) => Promise<unknown>;

const { member, place, scopes } = stage;

async function signIn(page: Page, email = member): Promise<void> {
  await page.locator('#email').fill(email);
  await page.locator('#password').fill('usher-demo');
  await page.locator('button[value="sign-in"]').click();
  await page.waitForLoadState();
}

/** Allow is pressed after all sessions have ended. */
const signedOut: Open = async (page, server) => {
  const change = { prompt: 'consent' };
  await page.goto(authorizationRequest(server, demoApp, scopes.sight, change).url);
  await signIn(page);
  await page.locator(`[data-path="${place}"]`).check();
  await server.database.db.query(statement('delete from sessions'));
  await page.locator('button[value="allow"]').click();
  await page.waitForLoadState();
};

export const consentAnewStates: readonly { readonly name: string; readonly open: Open }[] = [
  { name: 'sign-in, signed out from the consent page', open: signedOut },
  {
    name: 'consent, after signing in again',
    open: async (page, server) => {
      await signedOut(page, server);
      await signIn(page);
      await page.locator('[data-consent]').waitFor();
    },
  },
  {
    name: 'consent, after somebody else has signed in',
    open: async (page, server) => {
      await signedOut(page, server);
      await signIn(page, stage.administrator);
      await page.locator('[data-consent]').waitFor();
    },
  },
];
