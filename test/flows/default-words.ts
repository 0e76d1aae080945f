/** What the default catalogue calls things, which no page of another platform says. */

import type { Page } from 'playwright-core';

/** A scope's level, which is a name of the protocol, is none of them. */
const words = /\b(?:organi[sz]ations?|databases?|branch(?:es)?)\b(?!:\w)/gi;

/** Everything that is read on a page; what stands in `code` is for programs. */
const readPage = `(() => {
  const copy = document.body.cloneNode(true);
  for (const element of copy.querySelectorAll('code, pre, script, textarea')) element.remove();
  for (const element of copy.querySelectorAll('[aria-label], [alt], [data-label], [placeholder]')) {
    for (const name of ['aria-label', 'alt', 'data-label', 'placeholder']) {
      element.append(' ' + (element.getAttribute(name) ?? ''));
    }
  }
  return document.title + ' ' + copy.textContent;
})()`;

/** @returns the default words on the page, with what stands around each. */
export async function defaultWordsOn(page: Page): Promise<string[]> {
  const text = await page.evaluate<string>(readPage);
  return [...text.matchAll(words)].map(({ index }) =>
    text.slice(Math.max(0, index - 40), index + 40).replaceAll(/\s+/g, ' '),
  );
}
