/** Texts are data: found by key, filled in, escaped, and disguised for tests. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IntlMessageFormat } from 'intl-messageformat';
import { afterEach, describe, expect, test } from 'vitest';
import { loadMessages, pseudoLocale } from '../../src/lib/messages.ts';

const made: string[] = [];
afterEach(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true });
});

/** A directory of message files, by language; all of them are the subject `page`. */
function directoryOf(languages: Record<string, Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'usher-messages-'));
  made.push(directory);
  for (const [locale, texts] of Object.entries(languages)) {
    mkdirSync(join(directory, locale));
    writeFileSync(join(directory, locale, 'page.json'), JSON.stringify(texts));
  }
  return directory;
}

const en = {
  hello: 'Hello {name}',
  databases: '{count, plural, one {# database} other {# databases}}',
  rich: 'You & <b>{name}</b> see <code>x</code> at <home>home</home>',
};

function english() {
  return loadMessages(directoryOf({ en })).in('en');
}

describe('text', () => {
  test.each([
    ['page.hello', { name: 'Ada' }, 'Hello Ada'],
    ['page.databases', { count: 1 }, '1 database'],
    ['page.databases', { count: 2500 }, '2,500 databases'],
  ])('%s', (key, values, text) => {
    expect(english().text(key, values)).toBe(text);
  });

  test('an unknown key and a missing value are errors, not empty places', () => {
    expect(() => english().text('page.nothing')).toThrow('there is no message "page.nothing"');
    expect(() => english().text('page.hello')).toThrow('lacks a value');
  });

  test.each([
    'A plain sentence, with 100 % and 3 × 4 = 12.',
    'Two lines\nand a tab\t',
    'Zoë & “quotes” … 数据 #1',
    "It''s {one, select, other {one}} of '{'these'}'",
    '# is a sign where nothing is counted',
    'a > b, and a |b| \\ c',
    ' ',
  ])('%j says what the format says', (text) => {
    const said = loadMessages(directoryOf({ en: { text } }))
      .in('en')
      .text('page.text', { one: 1 });
    expect(said).toBe(new IntlMessageFormat(text, 'en').format({ one: 1 }));
  });

  test('items are joined as the language does', () => {
    expect(english().list(['a', 'b', 'c'])).toBe('a, b, and c');
  });
});

describe('html', () => {
  test('values and the text itself are escaped, tags become elements', () => {
    const html = english().html('page.rich', { name: '<i>"x"</i>' }, { home: '/?a=1&b="' });
    expect(String(html)).toBe(
      'You &amp; <strong>&lt;i&gt;&#34;x&#34;&lt;/i&gt;</strong> see <code>x</code> at ' +
        '<a href="/?a=1&amp;b=&#34;">home</a>',
    );
  });

  test('a tag that nobody gave an address for is an error', () => {
    expect(() => english().html('page.rich', { name: 'x' })).toThrow('lacks a value');
  });
});

describe('languages', () => {
  test('what another language lacks is said in the default one', () => {
    const book = loadMessages(directoryOf({ en, de: { hello: 'Hallo {name}' } }));
    expect(book.locales).toEqual(['en', 'de']);
    expect(book.in('de').text('page.hello', { name: 'Ada' })).toBe('Hallo Ada');
    expect(book.in('de').text('page.databases', { count: 1 })).toBe('1 database');
    expect(book.in('fr').locale).toBe('en');
    expect(['hello', 'databases'].map((key) => book.in('de').has(`page.${key}`))).toEqual([
      true,
      false,
    ]);
  });

  test.each([
    ['en', 'ltr'],
    ['ar', 'rtl'],
  ])('%s runs %s', (locale, direction) => {
    const book = loadMessages(directoryOf({ en, ar: {} }));
    expect(book.in(locale).direction).toBe(direction);
  });

  test('the pseudo-locale is longer, accented and from right to left; placeholders stay', () => {
    const pseudo = loadMessages(directoryOf({ en }), { pseudo: true }).in(pseudoLocale);
    expect(pseudo.direction).toBe('rtl');
    expect(pseudo.text('page.hello', { name: 'Ada' })).toBe('Ĥéļļö·· Ada');
    expect(pseudo.text('page.databases', { count: 2 })).toBe('2 ðåţåƀåšéš··');
  });
});

describe('words of the platform', () => {
  const texts = {
    say: 'A {database} is {a_database}',
    count: '{count, plural, one {# {database}} other {# {databases}}}',
    rich: '<b>{database}</b>',
  };
  const project = { database: 'project', databases: 'projects', a_database: 'a <project>' };
  const book = loadMessages(directoryOf({ en: texts, de: { count: texts.count }, fr: {} }), {
    pseudo: true,
    words: new Map([
      ['en', project],
      ['de', { ...project, database: 'Projekt', databases: 'Projekte' }],
    ]),
  });

  test('every text has them, in its language, and a value of the same name wins', () => {
    expect(book.in('en').text('page.say')).toBe('A project is a <project>');
    expect(book.in('en').text('page.count', { count: 2 })).toBe('2 projects');
    expect(book.in('de').text('page.count', { count: 1 })).toBe('1 Projekt');
    expect(book.in('en').text('page.say', { database: 'x' })).toBe('A x is a <project>');
    expect(book.in('de').text('page.say')).toBe('A project is a <project>');
  });

  test('they are escaped, and disguised in the pseudo-locale', () => {
    expect(String(book.in('en').html('page.say'))).toBe('A project is a &lt;project&gt;');
    expect(String(book.in(pseudoLocale).html('page.rich'))).toMatch(/^<strong>þŕöĵéçţ/);
  });

  test('a language that has texts and no words is not offered', () => {
    expect(book.locales).toEqual(['en', 'de', pseudoLocale]);
  });
});

test.each([
  ['a message that is not well formed', { broken: '{name' }],
  ['a plural without its last case', { broken: '{count, plural, one {x}}' }],
])('%s is refused at the start', (_what, texts) => {
  expect(() => loadMessages(directoryOf({ en: texts }))).toThrow('page.broken is not well formed');
});
