/**
 * Takes the pictures of the README from a running server with the demo data:
 *
 *   npm start
 *   npm run pictures -- http://localhost:3000
 *
 * @module
 */

import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';

const issuer = process.argv[2] ?? 'http://localhost:3000';
const directory = process.argv[3] ?? join(import.meta.dirname, 'pictures');

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
const page = await browser.newPage({ viewport: { width: 900, height: 1180 } });
await page.goto(`${issuer}/demo`);
await page.getByLabel('your own list').fill('user:read_user read_branches write_branches');
await page.getByRole('button', { name: 'Ask for these' }).click();
await page.getByLabel('E-mail address').fill('member@acme.test');
await page.getByLabel('Password').fill('usher-demo');
await page.getByRole('button', { name: 'Sign in' }).click();
await pick(page, 'acme/shop');
await page.screenshot({ path: join(directory, 'consent.png') });
await browser.close();

async function pick(on: Page, path: string): Promise<void> {
  await on.locator(`input[data-path="${path}"]`).check();
}
