/** Passkeys in Chromium, with its virtual authenticator: adding, signing in, renaming, removing. */

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashPassword } from '../../src/accounts/password-hashing.ts';
import { demoPassword } from '../../src/demo/demo-data.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { setPasswordHash } from '../../src/storage/people/accounts.ts';
import { declinePasskey } from '../../src/storage/people/passkeys.ts';
import { commandsOn, freshEmail } from '../operator/operators.ts';
import { emailOf, makeAccount } from '../organizations/world.ts';
import { authorizationRequest, demoApp } from '../support/oauth.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { inChromium, openBrowser, signIn, type Watched, watchedPage } from './browser.ts';
import { newestMail } from './mailed-links.ts';
import { addDevice, type Device } from './virtual-authenticator.ts';

/** A person with a password, at a browser with a device. */
interface Somebody extends Watched {
  readonly accountId: string;
  readonly device: Device;
}

describe(...inChromium('passkeys'), () => {
  let server: TestServer;
  let browser: Browser;
  let hash: string;
  beforeAll(async () => {
    [server, browser, hash] = await Promise.all([
      startTestServer(),
      openBrowser(),
      hashPassword(demoPassword),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  async function somebody(device: { hasSuggestions?: boolean } = {}): Promise<Somebody> {
    const { db } = server.database;
    const accountId = await makeAccount(db);
    await setPasswordHash(db, accountId, hash);
    const watched = await watchedPage(browser, [server.issuer]);
    watched.page.setDefaultTimeout(10_000);
    return { ...watched, accountId, device: await addDevice(watched.page, device) };
  }

  const pathOf = (page: Page) => page.url().slice(server.issuer.length);

  async function open(page: Page, path: string): Promise<void> {
    await page.goto(server.issuer + path);
  }

  async function enter({ page, accountId }: Somebody, next = '/account/security'): Promise<void> {
    await declinePasskey(server.database.db, accountId); // the offer has a test of its own
    await open(page, `/sign-in?next=${next}`);
    await signIn(page, emailOf(accountId));
  }

  async function add({ page }: Somebody): Promise<void> {
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('Passkey added.').waitFor();
  }

  /** Somebody with a passkey proves themselves by it before anything is changed. */
  async function prove({ page }: Somebody): Promise<void> {
    await page.getByRole('link', { name: 'Confirm it’s you' }).click();
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await page.waitForURL(`${server.issuer}/account/security`);
  }

  async function leave(page: Page): Promise<void> {
    await open(page, '/sign-out');
    await page.getByRole('main').getByRole('button').first().click();
    await page.waitForURL(`${server.issuer}/`);
  }

  /** Signs in by the button, and waits for the page that answers. */
  async function pressPasskey(page: Page): Promise<void> {
    await open(page, '/sign-in?next=/account/security');
    const shown = page.waitForEvent('load');
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await shown;
  }

  test('one is added and renamed, signs in by the button, and is removed', async () => {
    const person = await somebody({ hasSuggestions: false });
    const { page } = person;
    await enter(person);
    await page.getByText('You have no passkeys yet.').waitFor();
    await add(person);
    expect(await page.locator('.item-name').textContent()).toMatch(/Chrom\w+ on Linux/);
    await prove(person);
    await page.locator('summary', { hasText: 'Rename' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Work laptop');
    await page.getByRole('button', { name: 'Save name' }).click();
    await page.getByText('Passkey renamed.').waitFor();

    await leave(page);
    const told = () => newestMail(server, emailOf(person.accountId));
    await pressPasskey(page);
    expect(pathOf(page)).toBe('/account/security');
    expect(await told()).toBeUndefined();
    await page.context().clearCookies(); // as in a browser that was never here
    await pressPasskey(page);
    expect((await told())?.text).toMatch(/a new device: Chrom\w+ on Linux, from the address/);
    const item = page.locator('.item');
    expect(await item.textContent()).toMatch(/Work laptop[\s\S]*Last used/);

    await item.locator('summary', { hasText: 'Remove' }).click();
    await page.getByRole('button', { name: 'Remove passkey' }).click();
    await page.getByText('Passkey removed.').waitFor();
    await leave(page);
    await pressPasskey(page);
    expect(pathOf(page)).toBe('/sign-in?next=%2Faccount%2Fsecurity');
    expect(await page.locator('#notice').textContent()).toContain('doesn’t work here any more');
    expect([person.strangers, person.complaints.filter(isOurs)]).toEqual([[], []]);
  });

  test('one is offered after a sign-in by password, and a "no" is remembered', async () => {
    const { page, accountId } = await somebody({ hasSuggestions: false });
    const come = async () => {
      await open(page, '/sign-in?next=/account/applications');
      await page.locator('input[name="can_passkey"]').waitFor({ state: 'attached' });
      await signIn(page, emailOf(accountId));
    };
    await come();
    await page.getByRole('button', { name: 'Not now' }).click();
    await page.waitForURL(`${server.issuer}/account/applications`);
    await leave(page);
    await come();
    expect(pathOf(page)).toBe('/account/applications');

    const other = await somebody({ hasSuggestions: false });
    await open(other.page, '/sign-in?next=/account/applications');
    await other.page.locator('input[name="can_passkey"]').waitFor({ state: 'attached' });
    await signIn(other.page, emailOf(other.accountId));
    await other.page.getByRole('button', { name: 'Add a passkey' }).click();
    await other.page.waitForURL(`${server.issuer}/account/applications`);
    expect(await other.device.count()).toBe(1);
    await other.page.getByText('Passkey added.').waitFor();
    await other.page.reload();
    expect(await other.page.getByText('Passkey added.').count()).toBe(0);
  });

  test('a set-up link makes one, and it is the way in from then on', async () => {
    const { db } = server.database;
    const { page, strangers, complaints } = await watchedPage(browser, [server.issuer]);
    page.setDefaultTimeout(10_000);
    await addDevice(page, { hasSuggestions: false });
    const { link } = await commandsOn(db, server.issuer)('operator', 'add', freshEmail());
    await page.goto(String(link));
    await page.getByRole('button', { name: 'Add a passkey instead' }).click();
    await page.getByText('Passkey added.').waitFor();
    await leave(page);
    await pressPasskey(page);
    expect(pathOf(page)).toBe('/account/security');
    await page.goto(String(link));
    await page.getByText('This link has already been used.').waitFor();
    expect([strangers, complaints.filter(isOurs)]).toEqual([[], []]);
  });

  test('the e-mail field suggests it, also on the way of an application', async () => {
    const person = await somebody();
    const { page } = person;
    await enter(person);
    await add(person);
    await leave(page);
    await open(page, '/sign-in');
    await page.waitForURL(`${server.issuer}/organizations`);
    await leave(page);
    await page.goto(authorizationRequest(server, demoApp, 'openid database:read_database').url);
    await page.waitForURL(/\/consent$/);
  });

  test('with several, each is named, and the password goes while one is left', async () => {
    const person = await somebody({ hasSuggestions: false });
    const { page, device } = person;
    await enter(person);
    expect(await page.getByText('Remove password').count()).toBe(0);
    await page.getByText('Add a passkey before you can remove your password.').waitFor();
    await add(person);
    await prove(person);
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('already has a passkey for your account').waitFor();
    expect(await device.count()).toBe(1);

    await page.locator('summary', { hasText: 'Remove password' }).click();
    await page.locator('details').getByRole('button', { name: 'Remove password' }).click();
    await page.getByText('Your password is removed.').waitFor();
    await page.locator('summary', { hasText: 'Remove' }).click();
    await page.getByRole('button', { name: 'Remove passkey' }).click();
    await page.getByText('This is the only way into your account.').waitFor();

    await leave(page);
    await open(page, '/sign-in');
    await signIn(page, emailOf(person.accountId));
    await page.getByText('Incorrect email or password').waitFor();
    await pressPasskey(page);
    await page.getByLabel('New password', { exact: true }).fill('three calm rivers');
    await page.getByLabel('Repeat new password').fill('three calm rivers');
    await page.getByRole('button', { name: 'Set a password' }).click();
    await page.getByText('Your password is set.').waitFor();
  });

  test('a device that does not verify the person, or a copy of it, is no way in', async () => {
    const person = await somebody({ hasSuggestions: false });
    const { page, device } = person;
    await enter(person);
    await add(person);
    await leave(page);
    await device.verify(false);
    await open(page, '/sign-in');
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await page.getByText('No passkey was used.').waitFor();
    await device.verify(true);
    await pressPasskey(page);
    await leave(page);

    await device.rewind();
    await pressPasskey(page);
    expect(await page.locator('#notice').textContent()).toContain('a copy of it is in use');
    const [refused] = await server.database.db.query<{ after: object }>(
      statement(`
        select after from audit_events where action = 'sign_in.refused' and subject = $1
         order by id desc limit 1`),
      [`user_${person.accountId.replaceAll('-', '')}`],
    );
    expect(refused?.after).toMatchObject({ by: 'passkey', why: 'copied' });
  });

  test('an old sign-in changes nothing until the person has proven themselves again', async () => {
    const person = await somebody({ hasSuggestions: false });
    const { page, accountId } = person;
    await enter(person);
    await add(person);
    await makeOld(server, accountId);
    await open(page, '/account/security');
    expect(await page.getByRole('button', { name: 'Add a passkey' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Confirm it’s you' }).click();
    await page.getByRole('heading', { name: 'Confirm it’s you' }).waitFor();
    expect(await page.getByLabel('Password').count()).toBe(0);
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await page.waitForURL(`${server.issuer}/account/security`);
    expect(await page.getByRole('button', { name: 'Add a passkey' }).count()).toBe(1);
  });

  test('somebody else’s passkey does not confirm who is signed in', async () => {
    const person = await somebody({ hasSuggestions: false });
    const { page } = person;
    await enter(person);
    await add(person);
    await leave(page);
    const other = await somebody();
    await enter({ ...person, accountId: other.accountId });
    await open(page, '/sign-in?again=yes&next=/account/security');
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await page.getByText('That passkey belongs to another account.').waitFor();
  });
});

/** A refused form is 422, of which Chromium tells its console. */
function isOurs(complaint: string): boolean {
  return !/status of (410|422)/.test(complaint);
}

async function makeOld({ database: { db } }: TestServer, accountId: string): Promise<void> {
  await db.query(
    statement(`
      update sessions set payload = jsonb_set(payload, '{loginTs}', to_jsonb(extract(epoch from now())::int - 601))
       where account_id = $1`),
    [accountId],
  );
}
