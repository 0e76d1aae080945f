/** Somebody at a browser who looks after an organization of their own. */

import type { Browser } from 'playwright-core';
import { administratorRole } from '../../src/members/roles.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { insertMember } from '../../src/storage/people/members.ts';
import { addAccount, password } from '../accounts/people.ts';
import { makeWorld, type World } from '../organizations/world.ts';
import type { TestServer } from '../support/server.ts';
import { type Watched, watchedPage } from './browser.ts';

export interface Visit extends Watched {
  readonly world: World;
  /** Where the organization is. */
  readonly base: string;
  /** Opens a page of the organization. */
  open(path: string): Promise<void>;
  /** Presses a button of the page. */
  press(name: string | RegExp): Promise<void>;
  /** Opens what is behind a button of the page. */
  unfold(label: string): Promise<void>;
  /** Waits until the page says it. */
  sees(text: string | RegExp): Promise<void>;
  /** The first row of a statement. */
  row(sql: string, ...values: unknown[]): Promise<Record<string, unknown> | undefined>;
}

/** Signs an administrator in, to an organization that is made for this visit. */
export async function visit(
  browser: Browser,
  server: TestServer,
  options: { readonly javaScriptEnabled: boolean },
): Promise<Visit> {
  const { db } = server.database;
  const world = await makeWorld(db);
  const { organizationId } = world.ids;
  const row = async (sql: string, ...values: unknown[]) =>
    (await db.query<Record<string, unknown>>(statement(sql), values))[0];
  const slug = String(
    (await row('select slug from organizations where id = $1', organizationId))?.['slug'],
  );
  const admin = await addAccount(db);
  await insertMember(db, { organizationId, accountId: admin.id, role: administratorRole });
  const watched = await watchedPage(browser, [server.issuer], options);
  const { page } = watched;
  page.setDefaultTimeout(10_000);
  const base = `/organizations/${slug}`;
  await page.goto(`${server.issuer}/sign-in?next=${base}`);
  await page.getByLabel('Email').fill(admin.email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('main h1').waitFor();
  return {
    ...watched,
    world,
    base,
    open: async (path) => void (await page.goto(server.issuer + base + path)),
    press: (name) =>
      page.locator('main').getByRole('button', { name, exact: true }).first().click(),
    unfold: (label) => page.locator('main summary', { hasText: label }).first().click(),
    sees: (text) => page.locator('main').getByText(text).first().waitFor(),
    row,
  };
}
