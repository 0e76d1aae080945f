/**
 * German, for whoever's browser asks for it or whose application does: signing in, consent, the account
 * and mails; a page that has no German is English as a whole. On a narrow screen: German is long.
 */

import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { authorizationRequest, demoApp } from '../support/oauth.ts';
import { signedInAs } from '../support/sign-in.ts';
import { inChromium, serverAndBrowser } from './browser.ts';
import { expectGerman } from './german-page.ts';
import { ownApps, registerOwnApp } from './portal.ts';
import { stage } from './stage.ts';

const scope = 'openid profile database:read_database database:write_branches';
const { administrator, member } = stage;

describe(...inChromium('German'), () => {
  const { server, browser } = serverAndBrowser({ SIGN_UP: 'open' });

  async function opened(locale: string): Promise<Page> {
    const context = await browser.newContext({
      locale,
      reducedMotion: 'reduce',
      viewport: { width: 320, height: 800 },
    });
    await context.route(`${new URL(demoApp.redirectUri).origin}/**`, (route) =>
      route.fulfill({ body: 'back at the application' }),
    );
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    return page;
  }

  async function signIn(page: Page, email: string): Promise<void> {
    await page.getByLabel('E-Mail-Adresse').fill(email);
    await page.getByLabel('Passwort', { exact: true }).fill('usher-demo');
    await page.getByRole('button', { name: 'Anmelden', exact: true }).click();
    await page.waitForLoadState();
  }

  test('by Accept-Language: sign-in, consent, account, and a mail', async () => {
    const page = await opened('de-AT');
    await page.goto(authorizationRequest(server, demoApp, scope).url);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Anmelden');
    await expectGerman(page);
    await signIn(page, member);
    await expectGerman(page);
    const consent = await page.locator('main').innerText();
    expect(consent).toContain('Demo App bittet um Zugriff');
    expect(consent).toContain('Die Datenbank und ihre Einstellungen sehen');
    await page.locator('[data-path="acme/shop"]').check();
    await page.locator('[data-consent] button[value="all"]:not([hidden])').first().click();
    await page.getByText('Demo App kann').first().waitFor();
    expect(await page.locator('main').innerText()).toContain('Administrator der Datenbank');
    await expectGerman(page);
    await page.getByRole('button', { name: 'Erlauben', exact: true }).click();
    await page.waitForURL(`${demoApp.redirectUri}**`);
    expect(new URL(page.url()).searchParams.has('code')).toBe(true);

    for (const path of ['', '/applications', '/sessions', '/security', '/name', '/delete']) {
      await page.goto(`${server.issuer}/account${path}`);
      await expectGerman(page);
    }
    const own = await registerOwnApp(await signedInAs(server, member));
    const ofApp = [`/${own.id}`, `/${own.id}/activity`, `/${own.id}/preview`, `/${own.id}/edit`];
    for (const path of ['', '/new', ...ofApp]) {
      await page.goto(`${server.issuer}${ownApps}${path}`);
      expect(await page.locator('html').getAttribute('lang'), path).toBe('de');
      await expectGerman(page);
    }
    await page.goto(`${server.issuer}/errors`);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(
      'Fehler und was zu tun ist',
    );
    await expectGerman(page);
    const stranger = await opened('de');
    await stranger.goto(`${server.issuer}/reset`);
    await stranger.getByLabel('E-Mail-Adresse').fill(member);
    await stranger.getByRole('button', { name: 'Link senden' }).click();
    await stranger.getByText('Sehen Sie in Ihrem Postfach nach').first().waitFor();
    const [mail] = await server.sendMail();
    expect(mail?.subject).toBe('Neues Passwort festlegen');
    expect(mail?.html).toContain('<html lang="de"');
    expect(mail?.text).not.toMatch(/\b(?:the|your|link works)\b/i);
    await stranger.context().close();
    await page.context().close();
  });

  test('redirect URIs, while one types: the latest answer alone, beside the field', async () => {
    const page = await opened('de');
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    const { cookies } = await signedInAs(server, member);
    const kept = Array.from(cookies, ([name, value]) => ({ name, value, url: server.issuer }));
    await page.context().addCookies(kept);
    await page.goto(`${server.issuer}${ownApps}/new`);
    const field = page.getByLabel('Eine Adresse pro Zeile');
    const said = page.locator('#redirect_uris-check');
    expect(await said.innerText()).toBe('');
    expect(await field.getAttribute('aria-describedby')).toBe('redirect_uris-check');
    expect(await said.getAttribute('role')).toBe('status');

    const fine = 'https://lookout.example/callback';
    await field.pressSequentially(`${fine}\nhttp://lookout.example/callback`);
    await said
      .getByText('http://lookout.example/callback: Beginnen Sie sie mit https://.')
      .waitFor();
    expect(await said.innerText()).not.toContain(`${fine}: `);
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(page.url()).toBe(`${server.issuer}${ownApps}/new`);
    await expectGerman(page);

    // The answer to what was typed first comes last: it is not shown.
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const asked = page.waitForRequest('**/new/redirect-uris');
    await page.route('**/new/redirect-uris', async (route) => {
      if (route.request().postData()?.includes('slow')) await held;
      await route.continue().catch(() => {});
    });
    await field.fill('https://slow.example/#x');
    await asked;
    await field.fill(fine);
    await said.getByText('Diese Adresse kann verwendet werden.').waitFor();
    release();
    await page.unrouteAll({ behavior: 'wait' });
    expect(await said.innerText()).toBe('Diese Adresse kann verwendet werden.');
    expect(await field.getAttribute('aria-invalid')).toBe(null);

    // What sending the form said makes room for what is typed next; the kind counts as well.
    await field.fill('com.example.app:/callback');
    await page.locator('#name').fill('Ausguck');
    await page.locator('form.own-app button.button').last().click();
    await page.locator('#redirect_uris-error').waitFor();
    await page.locator('[name=kind][value=native]').check();
    await said.getByText('Diese Adresse kann verwendet werden.').waitFor();
    expect(await page.locator('#redirect_uris-error').count()).toBe(0);
    expect(complaints.filter((text) => !text.includes('status of 422'))).toEqual([]);
    await page.context().close();
  });

  test('by ui_locales, as long as the authorization request lasts', async () => {
    const page = await opened('en-US');
    const asked = authorizationRequest(server, demoApp, scope, { ui_locales: 'fr-CA de' });
    await page.goto(asked.url);
    await expectGerman(page);
    const other = await page.context().newPage();
    await other.goto(authorizationRequest(server, demoApp, scope).url);
    expect(await other.locator('html').getAttribute('lang')).toBe('en');
    await signIn(page, administrator);
    expect(await page.locator('main').innerText()).toContain('bittet um Zugriff');
    await expectGerman(page);
    await page.getByRole('button', { name: 'Abbrechen', exact: true }).click();
    await page.waitForURL(`${demoApp.redirectUri}**`);
    await page.goto(`${server.issuer}/account`);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Your account');
    await page.goto(`${server.issuer}/account?ui_locales=de`);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Ihr Konto');
    const fault = { redirect_uri: 'https://elsewhere.test', ui_locales: 'de' };
    await page.goto(authorizationRequest(server, demoApp, scope, fault).url);
    await expectGerman(page);
    await page.context().close();
  });

  test('a page that has no German is English as a whole', async () => {
    const page = await opened('de');
    for (const path of ['/demo', '/demo/parts', '/demo/playground']) {
      const answer = await page.goto(server.issuer + path);
      expect([path, answer?.headers()['content-language']]).toEqual([path, 'en']);
      expect(await page.locator('html').getAttribute('lang')).toBe('en');
      expect(await page.locator('header, footer').allInnerTexts()).not.toContain('Datenschutz');
      expect(await page.locator('footer').innerText()).toContain('What apps can ask for');
    }
    await page.context().close();
  });
});
