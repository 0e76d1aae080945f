/**
 * Texts for people are data: one folder of JSON files for each language, a file for each subject.
 * `views/messages/en/sign-out.json` holds the texts `sign-out.*`. A text is an ICU message, so
 * plurals, numbers and lists follow the rules of its language.
 *
 * What a platform calls things comes from its catalogue: a text never says "database", but `{database}`,
 * `{databases}` or `{a_database}`, at the start of a sentence `{Database}`; and so for `organization` and
 * `branch`, `production` and `development`. Every text gets these words without being given them:
 * `{count, plural, one {# {database}} other {# {databases}}}`. The name of the site is `{product}`. A value of the same name wins, so call
 * a value `name` or `organizationName`. The words are in catalogue-files/platform-words.ts.
 *
 * @module
 */

import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { IntlMessageFormat } from 'intl-messageformat';
import { escapeHtml, Markup } from './markup.ts';
import { disguise } from './pseudo-locale.ts';

/** What a text says about. */
type Values = Readonly<Record<string, string | number>>;

/** The same for HTML: markup, a time say, stays as it is. */
type MarkedValues = Readonly<Record<string, string | number | Markup>>;

/** The texts of one language. */
export interface Messages {
  /** A BCP 47 language tag, for `<html lang>`. */
  readonly locale: string;
  readonly direction: 'ltr' | 'rtl';
  /** @returns whether the language has the text itself; what it lacks is said in the default one. */
  has(key: string): boolean;
  /**
   * @returns the plain text of a key.
   * @throws {RangeError} no such key, or a value that the text names is missing.
   */
  text(key: string, values?: Values): string;
  /**
   * The same as HTML: values are escaped; `<b>` and `<code>` in the message become elements, and any
   * other tag a link to the address that `links` gives for it.
   */
  html(key: string, values?: MarkedValues, links?: Readonly<Record<string, string>>): Markup;
  /** "a, b and c". */
  list(items: Iterable<string>): string;
  /** "Nov 28, 2026", in UTC. @param iso ISO 8601. */
  date(iso: string): string;
  /** "Nov 28, 2026, 21:32 UTC". @param iso ISO 8601. */
  time(iso: string): string;
}

/** Every language there is. */
export interface MessageBook {
  /** The languages, the default one first. */
  readonly locales: readonly string[];
  /** @returns the texts of that language; those of the default language for an unknown one. */
  in(locale: string | undefined): Messages;
}

/** The language of a text that another language lacks, and of readers who ask for none. */
export const defaultLocale = 'en';

/** Made from the default language for tests: longer, accented, from right to left. */
export const pseudoLocale = 'en-XB';

type Nodes = ReturnType<IntlMessageFormat['getAst']>;

/** Where the texts of pages and mails are. */
export const messagesDirectory = join(import.meta.dirname, '../../views/messages');

/** Values that every text of a language has, by name. */
export type Words = Readonly<Record<string, string>>;

interface MessageSettings {
  /** Whether there is the pseudo-locale, too. */
  readonly pseudo?: boolean;
  /** Words by language; a language without is left out. Without this parameter there are no words. */
  readonly words?: ReadonlyMap<string, Words>;
}

/**
 * Reads every language below a directory.
 *
 * @throws {SyntaxError} a file that is not JSON, or a message that is not well formed.
 */
export function loadMessages(directory: string, settings: MessageSettings = {}): MessageBook {
  const { pseudo = false, words } = settings;
  const sources = readSources(directory);
  const original = sources.get(defaultLocale);
  if (original === undefined) throw new SyntaxError(`no messages in ${defaultLocale}`);
  const books = new Map<string, Messages>();
  for (const [locale, texts] of sources) {
    const own = words === undefined ? {} : words.get(locale);
    if (own !== undefined) books.set(locale, messagesOf(locale, texts, own));
  }
  const disguised = mapValues(words?.get(defaultLocale) ?? {}, disguise);
  if (pseudo) books.set(pseudoLocale, messagesOf(pseudoLocale, original, disguised, disguise));
  const fallback = books.get(defaultLocale) as Messages;
  const others = [...books.keys()].filter((locale) => locale !== defaultLocale);
  for (const locale of others) {
    books.set(locale, completed(books.get(locale) as Messages, fallback));
  }
  return {
    locales: [defaultLocale, ...others],
    in: (locale) => books.get(locale ?? defaultLocale) ?? fallback,
  };
}

/** What a language lacks is said in the default one, with its words. */
function completed(own: Messages, fallback: Messages): Messages {
  const having = (key: string) => (own.has(key) ? own : fallback);
  return {
    ...own,
    text: (key, ...rest) => having(key).text(key, ...rest),
    html: (key, ...rest) => having(key).html(key, ...rest),
  };
}

/** @returns the messages of each language by key, as they are written. */
export function readSources(directory: string): Map<string, Map<string, string>> {
  const sources = new Map<string, Map<string, string>>();
  for (const file of globSync('*/*.json', { cwd: directory }).sort()) {
    const locale = dirname(file);
    const subject = basename(file, '.json');
    const texts = JSON.parse(readFileSync(join(directory, file), 'utf8')) as Record<string, string>;
    const ofLocale = sources.get(locale) ?? new Map<string, string>();
    for (const [name, text] of Object.entries(texts)) ofLocale.set(`${subject}.${name}`, text);
    sources.set(locale, ofLocale);
  }
  return sources;
}

/** @returns the names of the values and tags that a message is filled in with. */
export function placeholdersOf(source: string, locale: string = defaultLocale): Set<string> {
  const found = new Set<string>();
  const collect = (nodes: Nodes): void => {
    for (const node of nodes) {
      if (node.type !== 0 && node.type !== 7) found.add(node.value); // neither text nor `#`
      if ('children' in node) collect(node.children);
      if ('options' in node) for (const { value } of Object.values(node.options)) collect(value);
    }
  };
  collect(parse('', source, locale));
  return found;
}

function messagesOf(
  locale: string,
  sources: ReadonlyMap<string, string>,
  words: Words,
  change: (text: string) => string = (text) => text,
): Messages {
  const isPseudo = locale === pseudoLocale;
  const language = isPseudo ? defaultLocale : locale;
  for (const [key, source] of sources) parse(key, source, language); // not for a reader to find out
  const nodesOf = (key: string, source: string) =>
    mapLiterals(parse(key, source, language), change);
  const plain = formatsOf(sources, (key, source) => {
    return new IntlMessageFormat(nodesOf(key, source), language);
  });
  const marked = formatsOf(sources, (key, source) => {
    return new IntlMessageFormat(mapLiterals(nodesOf(key, source), escapeHtml), language);
  });
  const lists = new Intl.ListFormat(language, { type: 'conjunction' });
  const dates = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' });
  const times = new Intl.DateTimeFormat(language, timeParts);
  return {
    locale,
    direction: isPseudo ? 'rtl' : directionOf(locale),
    has: (key) => sources.has(key),
    text: (key, values = {}) => format(plain, key, { ...words, ...values }),
    html: (key, values = {}, links = {}) => {
      const escaped = mapValues({ ...words, ...values }, escapeValue);
      return new Markup(format(marked, key, { ...escaped, ...elements, ...anchors(links) }));
    },
    list: (items) => lists.format(items),
    date: (iso) => dates.format(new Date(iso)),
    time: (iso) => times.format(new Date(iso)),
  };
}

/** A format is made when it is first used: there are thousands, and a process needs few at once. */
type Formats = (key: string) => IntlMessageFormat | undefined;

function formatsOf(
  sources: ReadonlyMap<string, string>,
  make: (key: string, source: string) => IntlMessageFormat,
): Formats {
  const made = new Map<string, IntlMessageFormat>();
  return (key) => {
    const source = sources.get(key);
    if (source === undefined) return undefined;
    const format = made.get(key) ?? make(key, source);
    made.set(key, format);
    return format;
  };
}

/** Two of three messages: nothing in them is filled in, and nothing is a placeholder. */
const plainText = /^[^{}<>'#]+$/;

/** Only parsed: to make a format of each, as readers get it, takes seven times as long. */
function parse(key: string, source: string, locale: string): Nodes {
  if (plainText.test(source)) return [{ type: 0, value: source }];
  try {
    const nodes = IntlMessageFormat.__parse?.(source, { locale: new Intl.Locale(locale) });
    return nodes ?? new IntlMessageFormat(source, locale).getAst();
  } catch (cause) {
    throw new SyntaxError(`the message ${key} is not well formed: ${source}`, { cause });
  }
}

function format(formatOf: Formats, key: string, values: Readonly<Record<string, unknown>>): string {
  const message = formatOf(key);
  if (message === undefined) throw new RangeError(`there is no message "${key}"`);
  try {
    return String(message.format(values as Parameters<typeof message.format>[0]));
  } catch (cause) {
    throw new RangeError(`the message "${key}" lacks a value`, { cause });
  }
}

/** The same message with every piece of its own text changed; placeholders stay. */
function mapLiterals(nodes: Nodes, change: (text: string) => string): Nodes {
  return nodes.map((node) => {
    if ('children' in node) return { ...node, children: mapLiterals(node.children, change) };
    if ('options' in node) {
      const options = Object.entries(node.options).map(([name, option]) => [
        name,
        { ...option, value: mapLiterals(option.value, change) },
      ]);
      return { ...node, options: Object.fromEntries(options) };
    }
    return node.type === 0 ? { ...node, value: change(node.value) } : node;
  }) as Nodes;
}

const elements = {
  b: (children: readonly string[]) => `<strong>${children.join('')}</strong>`,
  code: (children: readonly string[]) => `<code>${children.join('')}</code>`,
};

function anchors(links: Readonly<Record<string, string>>) {
  return mapValues(
    links,
    (address) => (children: readonly string[]) =>
      `<a href="${escapeHtml(address)}">${children.join('')}</a>`,
  );
}

function escapeValue(value: string | number | Markup): string | number {
  if (value instanceof Markup) return value.toString();
  return typeof value === 'string' ? escapeHtml(value) : value;
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

const timeParts: Intl.DateTimeFormatOptions = {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
  timeZone: 'UTC',
  timeZoneName: 'short',
};

const rightToLeft = new Set(['ar', 'fa', 'he', 'ur']);

function directionOf(locale: string): 'ltr' | 'rtl' {
  return rightToLeft.has(new Intl.Locale(locale).language) ? 'rtl' : 'ltr';
}
