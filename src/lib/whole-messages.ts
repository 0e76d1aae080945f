/**
 * Texts for one page: all of them in one language. Where the reader's language lacks a text, that text
 * and all after it are said in the default language.
 *
 * @module
 */

import type { MessageBook, Messages } from './messages.ts';

/** @returns texts in the reader's language, or, from the first that it lacks, in the default one. */
export function wholeMessages(book: MessageBook, locale: string | undefined): Messages {
  let current = book.in(locale);
  const having = (key: string): Messages => {
    if (!current.has(key)) current = book.in(undefined);
    return current;
  };
  return {
    get locale() {
      return current.locale;
    },
    get direction() {
      return current.direction;
    },
    has: (key) => current.has(key),
    text: (key, ...rest) => having(key).text(key, ...rest),
    html: (key, ...rest) => having(key).html(key, ...rest),
    list: (items) => current.list(items),
    date: (iso) => current.date(iso),
    time: (iso) => current.time(iso),
  };
}
