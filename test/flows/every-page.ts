/**
 * Every page, in every state: axe-core finds nothing, nothing runs out of a narrow screen, and in a
 * language that nobody speaks there is no text of ours left in English. No script of a page runs.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { permissions } from '../../src/catalogue/permissions.ts';
import { scopes } from '../../src/catalogue/scopes.ts';
import { scopeWords } from '../../src/catalogue/words.ts';
import { pseudoLocale } from '../../src/lib/messages.ts';
import {
  baseRoleName,
  baseRoles,
  databaseRoles,
  organizationRoles,
  roleName,
} from '../../src/members/roles.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { onceInChromium, openBrowser } from './browser.ts';
import { firstPageStates, firstSetUpCode, type PageState } from './page-states.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const widths = [1440, 375, 320];

/** States of pages; nobody translates what an operator of the demo sees. */
export interface States {
  readonly translated: readonly PageState[];
  readonly untranslated?: readonly PageState[];
}

/** Tests these states, one after another at one server: each begins as a new person. */
export function testPages(title: string, states: States): void {
  describe(...onceInChromium(title), () => inOneBrowser(states));
}

function inOneBrowser({ translated, untranslated: others = [] }: States): void {
  let server: TestServer;
  let browser: Browser;
  beforeAll(async () => {
    const open = { SIGN_UP: 'open' };
    [server, browser] = await Promise.all([
      startTestServer(open, undefined, undefined, { hasPseudoLocale: true }),
      openBrowser(),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await (await empty)?.close();
  });

  let empty: Promise<TestServer> | undefined;

  function withoutAnything(): Promise<TestServer> {
    const isNew = { hasPseudoLocale: true, setUpCode: firstSetUpCode };
    empty ??= startTestServer({ DEMO: 'off' }, undefined, undefined, isNew);
    return empty;
  }

  const pages = new Map<string, Promise<Page>>();

  /** One for each language: a window of its own for each state would take longer than the test. */
  function pageIn(locale: string): Promise<Page> {
    const made = pages.get(locale) ?? newPage(locale);
    pages.set(locale, made);
    return made;
  }

  async function newPage(locale: string): Promise<Page> {
    const context = await browser.newContext({ locale, reducedMotion: 'reduce' });
    await context.route('**/*.js', (route) => route.abort()); // axe itself needs the engine
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    return page;
  }

  /** The page in that state, for a new person. */
  async function opened(state: PageState, locale = 'en-US'): Promise<Page> {
    const page = await pageIn(locale);
    await page.context().clearCookies();
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 1440, height: 900 });
    // What an earlier state allowed would be the present choice of this one.
    if (state.name.startsWith('consent')) {
      await server.database.db.query(statement('delete from consents'));
    }
    await state.open(page, firstPageStates.includes(state) ? await withoutAnything() : server);
    return page;
  }

  test.each([...translated, ...others])('$name: axe finds nothing', async (state) => {
    const page = await opened(state);
    await page.evaluate(axe);
    expect(await doubleIds(page)).toEqual([]); // a label would lead to the first of two
    for (const { width, scheme, rules } of looks) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width, height: 900 });
      expect([scheme, width, await violations(page, rules)]).toEqual([scheme, width, []]);
      expect([width, await overflow(page)]).toEqual([width, 0]);
      expect([width, await sectionOutOfSight(page)]).toEqual([width, []]);
      expect([width, await menuOutOfSight(page)]).toEqual([width, []]);
    }
  });

  test.each(translated)('$name: fits and is translated in another language', async (state) => {
    const page = await opened(state, pseudoLocale);
    expect(await page.locator('html').getAttribute('dir')).toBe('rtl');
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      expect([width, await overflow(page)]).toEqual([width, 0]);
      expect([width, await sectionOutOfSight(page)]).toEqual([width, []]);
      expect([width, await menuOutOfSight(page)]).toEqual([width, []]);
    }
    expect(await codeFromRight(page)).toEqual([]);
    expect(untranslated(await texts(page))).toEqual([]);
  });
}

/** All that another scheme changes is colours. */
const colorRules = ['color-contrast', 'link-in-text-block'];

/**
 * What a page is looked at in. No style differs between 375 and 320 pixels (they part at 34 and 48rem),
 * so the phones share the work: one is read with all rules, the other in the dark.
 */
const looks = [
  { width: 1440, scheme: 'light', rules: undefined },
  { width: 1440, scheme: 'dark', rules: colorRules },
  { width: 375, scheme: 'dark', rules: colorRules },
  { width: 320, scheme: 'light', rules: undefined },
] as const;

/** What axe complains about, with the elements. @param runOnly the rules; left out: all. */
function violations(page: Page, runOnly?: readonly string[]): Promise<string[]> {
  // Told in the page: what it does not complain about is many times as much to write and to send.
  const options = JSON.stringify({ runOnly, resultTypes: ['violations'] });
  return page.evaluate<string[]>(`axe.run(${options}).then(({ violations }) => violations.map(
    ({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`);
}

/** Ids that several elements have. */
function doubleIds(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const ids = Array.from(document.querySelectorAll('[id]'), ({ id }) => id);
    return ids.filter((id, n) => ids.indexOf(id) !== n);
  })()`);
}

/** How many pixels the page is wider than the screen. */
function overflow(page: Page): Promise<number> {
  const root = 'document.documentElement';
  return page.evaluate<number>(`${root}.scrollWidth - ${root}.clientWidth`);
}

/** The section that is open, where its name in the bar is not seen from one end to the other. */
function sectionOutOfSight(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`Array.from(document.querySelectorAll('.tabs [aria-current]'))
    .filter((one) => {
      const [{ left, right }, bar] = [one, one.closest('.tabs')].map((box) => box.getBoundingClientRect());
      return left < bar.left - 1 || right > bar.right + 1;
    })
    .map((one) => one.textContent)`);
}

/** The open menus of which a part is off the screen, to a side where nobody can scroll. */
function menuOutOfSight(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`Array.from(document.querySelectorAll('.switcher[open] > ul'))
    .filter((menu) => {
      const { left, right } = menu.getBoundingClientRect();
      return left < 0 || right > document.documentElement.clientWidth;
    })
    .map((menu) => menu.textContent)`);
}

/** Code whose brackets and commas would stand at the wrong end. */
function codeFromRight(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`Array.from(document.querySelectorAll('code, pre:not(.mail-text)'))
    .filter((one) => getComputedStyle(one).direction === 'rtl')
    .map((one) => one.textContent)`);
}

/** Every text that is read, and the title and labels that are not seen; no code. */
async function texts(page: Page): Promise<string[]> {
  const found = await page.evaluate<string[]>(`(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [document.title];
    while (walker.nextNode()) {
      const { parentElement, textContent } = walker.currentNode;
      if (parentElement.closest('code, textarea, [translate="no"]') === null) found.push(textContent);
    }
    for (const name of ['aria-label', 'alt', 'data-label']) {
      for (const element of document.querySelectorAll('[' + name + ']')) {
        found.push(element.getAttribute(name));
      }
    }
    return found;
  })()`);
  return found.map((text) => text.trim()).filter((text) => text !== '');
}

/** The catalogue's own texts, the longest first: some hold others. */
const ofCatalogue = [
  ...scopes.flatMap((scope) => [scopeWords(scope), scope.scope, scope.name, scope.description]),
  ...permissions.map(({ label }) => label),
  ...[...organizationRoles, ...databaseRoles].map((role) => roleName(role)),
  ...baseRoles.map((role) => baseRoleName(role)),
].sort((one, other) => other.length - one.length);

/** Data of the tests, and what is a name in every language. */
const data: readonly (string | RegExp)[] = [
  'Shows what changed since yesterday, and tells who asks.',
  'Lookout',
  /https?:\/\/(?:[\w*]+\.)?lookout\.example\/\S*/,
  'lookout.example',
  ...[/https:\/\/\w+\.places\.test\S*/, 'claude.places.test', 'Claude'],
  ...['Shop tools', 'Place tools', 'Notes'],
  /Person \d+/,
  ...ofCatalogue,
  'Firefox on Linux',
  ...['Alex Kim', 'alex@example.com', /example-[0-9a-f]{8}\/orders/],
  / and /, // lists are joined by the language, which is English
  ...[
    /Chrom\w+|Linux/,
    /[\w.-]+@[\w.-]+\.test/,
    /localhost:\d+/,
    /user_0{32}/,
    /app_[0-9a-f]{32}/,
    /\w+ \d+, \d{4}(, \d\d:\d\d UTC)?/,
  ],
  ...[
    'Usher',
    'Demo App',
    'Demo CLI',
    'Reports',
    'Member (acme)',
    'old.example.test',
    'Dba (acme)',
    'Team (acme)',
    'Admin (acme)',
    'Developer (acme)',
    'reports.test',
    / and /,
    'acme/shop/staging',
    'acme/shop/feature-x',
    'acme/analytics',
    'shop/main',
    'acme/shop/main',
    'acme/shop',
    ...['staging', 'shop', 'analytics', 'feature-x', 'main', 'dev', 'Data', 'Consultant (vault)'],
    'acme',
    'Acme',
    ...['Vault API', 'Vault', 'vault', 'Depot', 'Reported for abuse'],
  ],
  ...['views/parts/', 'invalid_client', 'client is invalid', 'JSON', 'curl'],
];

/** The texts that hold a word of plain letters which is no data. */
function untranslated(found: readonly string[]): string[] {
  const left = found.map((text) =>
    data.reduce<string>((rest, one) => rest.replaceAll(all(one), ''), text),
  );
  return left.filter((text) => /[A-Za-z]{2}/.test(text));
}

function all(one: string | RegExp): string | RegExp {
  return typeof one === 'string' ? one : new RegExp(one.source, 'g');
}
