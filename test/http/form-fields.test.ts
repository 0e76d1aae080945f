/** What a form-encoded text says, and what is refused instead of repaired. */

import { describe, expect, test } from 'vitest';
import { decodeField, readFormFields } from '../../src/http/form-fields.ts';

describe('readFormFields', () => {
  test('decodes plus, escapes and UTF-8; accepts empty values and further equals signs', () => {
    expect(readFormFields('a+b=%C3%A9+%2B&empty=&flag&x=1=2', 10)).toEqual([
      ['a b', 'é +'],
      ['empty', ''],
      ['flag', ''],
      ['x', '1=2'],
    ]);
  });

  test('keeps repeated names in order, and leaves empty fields out', () => {
    expect(readFormFields('a=1&&b=2&a=3&', 10)).toEqual([
      ['a', '1'],
      ['b', '2'],
      ['a', '3'],
    ]);
    expect(readFormFields('', 10)).toEqual([]);
  });

  test.each(['a=%zz', '%=1', 'a=%ff', 'a=%00', 'a=\0', 'a=%c3%28'])('refuses %j', (body) => {
    expect(readFormFields(body, 10)).toBe('malformed');
  });

  test('counts empty fields, too', () => {
    expect(readFormFields('a=1&b=2', 2)).toHaveLength(2);
    expect(readFormFields('a=1&b=2&', 2)).toBe('too many');
  });
});

test('decodeField leaves a text without escapes as it is', () => {
  expect(decodeField('plain~text')).toBe('plain~text');
  expect(decodeField('%7E+')).toBe('~ ');
});
