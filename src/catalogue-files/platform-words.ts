/**
 * What a platform calls things, as values that every message has, see lib/messages.ts:
 *
 *     one -> {database}   other -> {databases}   a -> {a_database}   few -> {database_few}
 *
 * and the same with a capital, `{Database}`, for the start of a sentence. `{example_path}` is a path that
 * people could look for.
 *
 * @module
 */

import {
  defaultLocale,
  messagesDirectory,
  placeholdersOf,
  readSources,
  type Words,
} from '../lib/messages.ts';
import type { Fault } from './faults.ts';
import type { PlatformWords } from './files.ts';

/** What there are words for, each with the name of its plural. */
const nouns = [
  ['organization', 'organizations'],
  ['database', 'databases'],
  ['branch', 'branches'],
] as const;
const kinds = ['production', 'development'] as const;

type Form = readonly [placeholder: string, text: string];

/** @returns the words by the names of their placeholders. */
export function wordsOf(words: PlatformWords, locale: string): Words {
  const ofNouns = nouns.flatMap(([noun, plural]) => {
    const { one, other, a, more = {}, ...categories } = words.nouns[noun];
    const base: Form[] = [
      [noun, one],
      [plural, other],
    ];
    return [...base, ...formsOf(noun, a, { ...categories, ...more })];
  });
  const ofKinds = kinds.flatMap((kind) => {
    const said = words.kinds[kind];
    const { one, a, more = {} } = typeof said === 'string' ? { one: said } : said;
    return [[kind, one] as const, ...formsOf(kind, a, more)];
  });
  const forms = [...ofNouns, ...ofKinds];
  const atStart = forms.map(([name, text]): Form => [capital(name), capital(text, locale)]);
  return Object.fromEntries([...forms, ...atStart, ['example_path', examplePath(words)]]);
}

/** The path of a branch in a database, `shop/main`. */
function examplePath({ examplePath, nouns: { database, branch } }: PlatformWords): string {
  const slug = ({ one }: { readonly one: string }) => one.toLowerCase().replaceAll(/\s+/g, '-');
  return examplePath ?? `${slug(database)}/${slug(branch)}`;
}

function formsOf(
  word: string,
  a: string | undefined,
  others: Readonly<Record<string, string | undefined>>,
): Form[] {
  const named = Object.entries(others).map(([form, text]) => [`${word}_${form}`, text] as const);
  return [[`a_${word}`, a] as const, ...named].flatMap(([name, text]): Form[] =>
    text === undefined ? [] : [[name, text]],
  );
}

function capital(text: string, locale: string = defaultLocale): string {
  const [first = ''] = text;
  return first.toLocaleUpperCase(locale) + text.slice(first.length);
}

/** A placeholder that can only be a form of one of the words. */
const form = new RegExp(
  `^(?:a_(${[...nouns.map(([noun]) => noun), ...kinds].join('|')})` +
    `|(${[...nouns.map(([noun]) => noun), ...kinds].join('|')})_([a-z]\\w*))$`,
  'i',
);

/** The messages of a language that say a form of a word, by the form's placeholder. */
type Needed = ReadonlyMap<string, string>;

const needed = new Map<string, Needed>();

/** The first message that needs each form; what a language lacks is said with the default one's words. */
function neededIn(locale: string): Needed {
  const known = needed.get(locale);
  if (known !== undefined) return known;
  const texts = readSources(messagesDirectory).get(locale) ?? new Map<string, string>();
  const found = new Map<string, string>();
  for (const [key, text] of texts) {
    if (!text.includes('_')) continue; // as each form does
    for (const name of placeholdersOf(text, locale)) {
      if (form.test(name) && !found.has(name)) found.set(name, key);
    }
  }
  needed.set(locale, found);
  return found;
}

/** @returns the forms that messages of the language need, and the words do not have. */
export function lackingForms(words: PlatformWords, locale: string): Fault[] {
  const there = wordsOf(words, locale);
  const lacking = new Map<string, Fault>();
  for (const [name, key] of neededIn(locale)) {
    if (Object.hasOwn(there, name)) continue;
    const [, withA, other, which = 'a'] = form.exec(name) ?? [];
    const word = (withA ?? other ?? '').toLowerCase();
    const path = `${kinds.some((kind) => kind === word) ? 'kinds' : 'nouns'}.${word}`;
    const message = `has no form "${which}", which the message ${key} needs`;
    lacking.set(name.toLowerCase(), { file: `words.${locale}.json`, path, message });
  }
  return [...lacking.values()];
}
