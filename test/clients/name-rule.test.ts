/** The one rule for names that people read. */

import { describe, expect, test } from 'vitest';
import { checkClientName } from '../../src/clients/client-names.ts';
import { groupNameFault, personNameFault } from '../../src/clients/name-rule.ts';
import { readsAs } from '../../src/clients/reserved-names.ts';
import { normalizeEmail } from '../../src/lib/email-address.ts';

describe('nobody and nothing has a name', () => {
  test.each([
    '',
    'a\u0000b',
    'a\u202eb',
    'a\u2066b',
    'a\nb',
    'a\r\nBcc: x@evil.test',
    'a\u2028b',
    'a\u200bb',
    '...',
    '=?utf-8?B?VXNoZXI=?=',
    '=?UTF-8?q?Usher?= Team',
    'https://evil.test',
    'www.evil.test',
    'Go to WWW.evil.test now',
    'Uѕer', // the s is Cyrillic
    'x'.repeat(101),
    'Usher Security',
    'Usher Official Support',
  ])('%j', (name) => {
    expect(groupNameFault(name, 100)).toBeDefined();
    expect(personNameFault(name, 100)).toBeDefined();
    expect(checkClientName(name).outcome).toBe('refused');
  });
});

describe('a good name', () => {
  test.each(['Ann Example', 'Müller', '株式会社アクメ', 'Иван', "O'Neill-Smith", 'a = b? c'])(
    '%s',
    (name) => {
      expect(groupNameFault(name, 100)).toBeUndefined();
      expect(personNameFault(name, 100)).toBeUndefined();
    },
  );

  test('Usher is the name of people, and of no organization', () => {
    expect(personNameFault('Raymond Usher', 100)).toBeUndefined();
    expect(groupNameFault('Usher', 100)).toBeDefined();
    expect(groupNameFault('Pusher', 100)).toBeUndefined();
  });
});

describe('names that read alike', () => {
  test.each([
    ['Paypal', 'PayPaI'],
    ['Acme Sync', 'acme-sync'],
    ['Modern', 'Modem'],
    ['Acme', 'Асме'],
    ['Görli', 'Gorli'],
    ['Tool 10', 'Tool lO'],
  ])('%s and %s', (one, other) => {
    expect(readsAs(one, other)).toBe(true);
  });

  test('others do not', () => {
    expect(readsAs('Acme Sync', 'Acme Sink')).toBe(false);
  });
});

test('an encoded word is no address', () => {
  expect(normalizeEmail('=?utf-8?q?usher?=@evil.test')).toBeUndefined();
  expect(normalizeEmail('a=b?c@example.test')).toBe('a=b?c@example.test');
});
