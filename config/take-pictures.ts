/**
 * Takes the pictures of the README from a running server with the demo data:
 *
 *   npm start
 *   npm run pictures -- http://localhost:3000
 *
 * @module
 */

import { join } from 'node:path';
import { chromium } from 'playwright-core';

const issuer = process.argv[2] ?? 'http://localhost:3000';
const directory = process.argv[3] ?? join(import.meta.dirname, 'pictures');

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
const page = await browser.newPage({ viewport: { width: 760, height: 900 } });
await page.goto(`${issuer}/demo`);
await page.getByLabel('your own list').fill('database:read_database branch:write_branch');
await page.getByRole('button', { name: 'Ask for these' }).click();
await page.getByLabel('Email').fill('member@acme.test');
await page.getByLabel('Password').fill('usher-demo');
await page.getByRole('button', { name: 'Sign in' }).click();
await page.locator('input[data-path="acme/shop"]').check();
await page.getByRole('button', { name: /branches of acme\/shop/ }).click();
await page.locator('input[data-path="acme/shop/staging"]').check();
await page.getByRole('button', { name: 'Everything requested' }).click();
await page.getByText('will be able to').waitFor();
await page.evaluate('document.activeElement.blur()');
await page.mouse.move(0, 0);
await page.screenshot({ path: join(directory, 'consent.png'), fullPage: true });

const console = await browser.newPage({ viewport: { width: 1200, height: 900 } });
await console.goto(`${issuer}/sign-in?next=/organizations/acme/members`);
await console.getByLabel('Email').fill('admin@acme.test');
await console.getByLabel('Password').fill('usher-demo');
await console.getByRole('button', { name: 'Sign in' }).click();
await console.getByRole('heading', { name: 'Members' }).waitFor();
const settings = '/organizations/acme/settings/base-role?value=reader';
const pictures = [
  ['members', '/organizations/acme/members'],
  ['base-role', settings],
  ['why', undefined],
] as const;
for (const [name, path] of pictures) {
  if (path === undefined) {
    await console.goto(`${issuer}/organizations/acme/members`);
    await console.getByRole('link', { name: 'Developer (acme)' }).click();
    await console.getByRole('link', { name: 'Why?' }).last().click();
  } else {
    await console.goto(issuer + path);
  }
  await console.waitForLoadState();
  const fullPage = path === settings;
  await console.screenshot({ path: join(directory, `console-${name}.png`), fullPage });
}
await browser.close();
