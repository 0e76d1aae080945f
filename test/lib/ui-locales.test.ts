/** The languages that an application asks for (RFC 4647 section 3.4). */

import { expect, test } from 'vitest';
import { keepUiLocales, lookUpLocale, uiLocalesOf } from '../../src/lib/ui-locales.ts';

test.each([
  ['de', 'de'],
  ['DE', 'de'],
  ['de-AT', 'de'],
  ['de-Latn-CH-1996', 'de'],
  ['fr de-DE en', 'de'],
  ['en de', 'en'],
  ['en-XB', 'en-XB'],
  ['fr it', undefined],
  ['deutsch', undefined],
  ['* -- - de_DE', undefined],
  ['', undefined],
])('"%s" finds %s', (asked, found) => {
  const wanted = uiLocalesOf({ state: {}, query: { ui_locales: asked } });
  expect(lookUpLocale(wanted, ['en', 'de', 'en-XB'])).toBe(found);
});

test('the authorization request is stronger than the query of a page', () => {
  const ctx = { state: {}, query: { ui_locales: 'en' } };
  keepUiLocales(ctx, undefined);
  expect(uiLocalesOf(ctx)).toEqual(['en']);
  keepUiLocales(ctx, 'de');
  expect(uiLocalesOf(ctx)).toEqual(['de']);
});

test('a parameter that is there twice asks for nothing', () => {
  expect(uiLocalesOf({ state: {}, query: { ui_locales: ['de', 'en'] } })).toEqual([]);
});

test('what follows the first twenty tags is not looked at', () => {
  const query = { ui_locales: `${'fr '.repeat(20)}de` };
  expect(lookUpLocale(uiLocalesOf({ state: {}, query }), ['en', 'de'])).toBeUndefined();
});
