/** What a page in German must be: German as a whole, within the screen, and without a fault of axe. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { permissions } from '../../src/catalogue/permissions.ts';
import { permissionWords } from '../../src/catalogue/words.ts';
import { defaultLocale, messagesDirectory, readSources } from '../../src/lib/messages.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export async function expectGerman(page: Page): Promise<void> {
  expect([page.url(), await faultsOf(page)]).toEqual([page.url(), []]);
  await page.evaluate(axe);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
}

/** English texts that a German one replaces, without those that are the same or have values. */
const sources = readSources(messagesDirectory);
const german = sources.get('de') ?? new Map<string, string>();
const english = new Set(
  [...(sources.get(defaultLocale) ?? [])]
    .filter(([key, text]) => german.has(key) && ![...german.values()].includes(text))
    .map(([, text]) => text),
);
for (const permission of permissions) {
  if (permissionWords(permission, 'de') !== permission.label) english.add(permission.label);
}

/** What is not German on the page, or runs out of it. */
async function faultsOf(page: Page): Promise<string[]> {
  const texts = await page.evaluate<string[]>(`(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) found.push(walker.currentNode.textContent.trim());
    return found;
  })()`);
  const root = 'document.documentElement';
  const lang = await page.locator('html').getAttribute('lang');
  const wider = await page.evaluate<number>(`${root}.scrollWidth - ${root}.clientWidth`);
  return [
    ...texts.filter((text) => english.has(text)),
    ...(lang === 'de' ? [] : [`is in ${lang}`]),
    ...(wider > 0 ? [`is ${wider} pixels too wide`] : []),
  ];
}
