/** The message files and their readers agree: no key is missing, unused, or put together. */

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { platformWords } from '../../src/catalogue/words.ts';
import {
  defaultLocale,
  messagesDirectory,
  placeholdersOf,
  readSources,
} from '../../src/lib/messages.ts';
import { branchActs, databaseActs, organizationActs } from '../../src/organizations/acts.ts';

const root = join(import.meta.dirname, '../..');
const sources = readSources(messagesDirectory);
const original = sources.get(defaultLocale) ?? new Map<string, string>();
const readers = globSync(['views/**/*.ejs', 'src/**/*.ts'], { cwd: root }).map((file) =>
  readFileSync(join(root, file), 'utf8'),
);
const subjects = [...new Set([...original.keys()].map((key) => key.split('.')[0]))].join('|');
const keyPattern = new RegExp(`(['"\`])((?:${subjects})\\.[a-z0-9-]+)\\1`, 'g');
const used = new Set(
  readers.flatMap((text) => Array.from(text.matchAll(keyPattern), (hit) => hit[2] ?? '')),
);

test('there are messages, and they are used', () => {
  expect(original.size).toBeGreaterThan(10);
  expect(used.size).toBeGreaterThan(10);
});

/** Acts are named alike: `team.deleted` is one, and no text. */
const acts = new Set<string>([organizationActs, databaseActs, branchActs].flatMap(Object.keys));

test('every key that is named exists', () => {
  expect([...used].filter((key) => !original.has(key) && !acts.has(key))).toEqual([]);
});

test('every key that exists is named somewhere, whole', () => {
  const isOfAct = (key: string) => key.startsWith('audit-events.'); // see web/console/audit.test.ts
  expect([...original.keys()].filter((key) => !used.has(key) && !isOfAct(key))).toEqual([]);
});

test('no key is put together from halves', () => {
  const halves = /\.(?:text|html)\(\s*(?:`[^`]*\$\{|['"][^'"]*['"]\s*\+)/;
  expect(readers.filter((text) => halves.test(text))).toEqual([]);
});

test('no text names Usher, or what platforms call otherwise: {product}, {database}', () => {
  const named = /\b(?:usher|organizations?|databases?|branch(?:es)?|production|development)\b/i;
  const said = (text: string) => text.replace(/\{\w+\}|<\/?[\w-]+>/g, '').replace(/\{\w+,/g, '');
  expect([...original].filter(([, text]) => named.test(said(text)))).toEqual([]);
});

const others = [...sources.keys()].filter((locale) => locale !== defaultLocale);

test('there is German for every page but those of the demo, and those of the English API', () => {
  const there = subjectsOf(sources.get('de'));
  const isEnglish = /^(?:demo-[a-z]+|playground|api-docs)$/;
  const wanted = subjectsOf(original).filter((one) => !isEnglish.test(one));
  expect(wanted.filter((one) => !there.includes(one))).toEqual([]);
});

describe.each(others)('%s', (locale) => {
  const texts = sources.get(locale) ?? new Map<string, string>();

  test('has only keys of the default language, with the same placeholders', () => {
    expect([...texts.keys()].filter((key) => !original.has(key))).toEqual([]);
    for (const [key, text] of texts) {
      expect([key, values(text)]).toEqual([key, values(original.get(key) ?? '')]);
    }
  });

  test('every other form of a word is one that the words of the language have', () => {
    const known = platformWords.get(locale) ?? {};
    const lacking = [...texts].flatMap(([key, text]) => {
      const named = placeholdersOf(original.get(key) ?? '');
      return [...placeholdersOf(text, locale)].filter(
        (name) => !named.has(name) && !Object.hasOwn(known, name),
      );
    });
    expect(lacking).toEqual([]);
  });

  test('a file that is there has every key: a page is in one language', () => {
    const there = subjectsOf(texts);
    const wanted = [...original.keys()].filter((key) => there.includes(subjectOf(key)));
    expect(wanted.filter((key) => !texts.has(key))).toEqual([]);
  });

  test('no text names what platforms call otherwise', () => {
    const named = /\b(?:usher|organisation|datenbank|branch|produktion|entwicklung(?!s-))/i;
    const said = (text: string) => text.replace(/\{\w+\}|<\/?[\w-]+>/g, '').replace(/\{\w+,/g, '');
    expect([...texts].filter(([, text]) => named.test(said(text)))).toEqual([]);
  });
});

function subjectOf(key: string): string {
  return key.slice(0, key.indexOf('.'));
}

function subjectsOf(texts: ReadonlyMap<string, string> = new Map()): string[] {
  return [...new Set([...texts.keys()].map(subjectOf))];
}

/** The names of values and tags in a message, sorted; other languages need other forms of words. */
function values(message: string): string[] {
  const isWord = /^(a_)?(organization|database|branch|production|development)/i;
  return [...placeholdersOf(message)].filter((name) => !isWord.test(name)).sort();
}
