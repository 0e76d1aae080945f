/**
 * The catalogue's words for people.
 *
 * @module
 */

import { wordsOf } from '../catalogue-files/platform-words.ts';
import { defaultLocale, type Words } from '../lib/messages.ts';
import { brand, catalogue } from './catalogue.ts';
import type { Scope } from './scopes.ts';

/** What the platform calls things, and itself (`{product}`), by language, for `loadMessages`. */
export const platformWords: ReadonlyMap<string, Words> = new Map(
  Array.from(catalogue.words, ([locale, words]) => [
    locale,
    { ...wordsOf(words, locale), product: brand.name },
  ]),
);

/**
 * @param id a role's name of today.
 * @returns what people of that language call a role; undefined where they call it as the catalogue does.
 */
export function roleWords(id: string, locale: string): string | undefined {
  const words = catalogue.words.get(locale) ?? catalogue.files['words.en.json'];
  return words.roles?.[id];
}

/** @returns what a permission lets people do, in their language; its label where it is not said there. */
export function permissionWords(
  { id, label }: { readonly id: string; readonly label: string },
  locale: string,
): string {
  const words = catalogue.words.get(locale) ?? catalogue.files['words.en.json'];
  return words.permissions?.[id] ?? label;
}

/**
 * @param locale the reader's language; the first one where the catalogue does not say it there, as for
 *   a scope that is new.
 * @returns what the scope lets an application do: a sentence without its subject.
 */
export function scopeWords(
  { scope, name }: Pick<Scope, 'scope' | 'name'>,
  locale: string = defaultLocale,
): string {
  const first = catalogue.files['words.en.json'];
  const { scopes } = catalogue.words.get(locale) ?? first;
  return scopes[scope] ?? scopes[name] ?? first.scopes[scope] ?? first.scopes[name] ?? scope;
}
