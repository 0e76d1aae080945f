/** The page about an application's access, of somebody who had to sign in before their choice was saved. */

import type { Page } from 'playwright-core';
import { statement } from '../../src/storage/engine/database.ts';
import { consentTo, demoApp } from '../support/oauth.ts';
import type { TestServer } from '../support/server.ts';
import { stage } from './stage.ts';

type Open = (page: Page, server: TestServer) => Promise<unknown>;

const { administrator, reviewer, place, secondPlace, scopes } = stage;
const address = `/account/applications/${demoApp.id}`;

async function signIn(page: Page, email?: string): Promise<void> {
  if (email !== undefined) await page.locator('#email').fill(email);
  await page.locator('#password').fill('usher-demo');
  await page.locator('button[value="sign-in"]').click();
  await page.waitForLoadState();
}

/** The page, with one more place chosen; what is allowed can delete. */
const chosen: Open = async (page, server) => {
  await consentTo(server, demoApp, administrator, scopes.deletion, [place]);
  await page.goto(`${server.issuer}/sign-in?next=${encodeURIComponent(address)}`);
  await signIn(page, administrator);
  await page.locator(`[data-path="${secondPlace}"]`).check();
};

async function save(page: Page): Promise<void> {
  await page.locator('button[value="save"]').click();
  await page.waitForLoadState();
}

const longAgo = statement(`
  update sessions set payload =
    payload || jsonb_build_object('loginTs', (payload->>'loginTs')::bigint - 700)`);

const signedOut: Open = async (page, server) => {
  await chosen(page, server);
  await server.database.db.query(statement('delete from sessions'));
  await save(page);
};

export const appAccessStates: readonly { readonly name: string; readonly open: Open }[] = [
  {
    name: 'apps, one of them, after signing in again',
    open: async (page, server) => {
      await chosen(page, server);
      await server.database.db.query(longAgo);
      await save(page);
      await signIn(page);
      await page.locator('[data-consent]').waitFor();
    },
  },
  {
    name: 'apps, one of them, after somebody else has signed in',
    open: async (page, server) => {
      await consentTo(server, demoApp, reviewer, scopes.sight, [place]);
      await signedOut(page, server);
      await signIn(page, reviewer);
      await page.locator('[data-consent]').waitFor();
    },
  },
  {
    name: 'apps, one of them, too much chosen to be kept',
    open: async (page, server) => {
      await chosen(page, server);
      await server.database.db.query(longAgo);
      await page.evaluate(`(() => {
        for (let n = 0; n < 400; n += 1) {
          const field = document.createElement('input');
          field.type = 'hidden';
          field.name = 'shown';
          field.value = 'db_' + crypto.randomUUID().replaceAll('-', '');
          document.querySelector('form[data-consent]').append(field);
        }
      })()`);
      await save(page);
    },
  },
];
