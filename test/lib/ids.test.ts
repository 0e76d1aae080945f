/** An id is printed and read as one of its kind, and nothing else is read. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hexOf, newId, parseId, printId } from '../../src/lib/ids.ts';

const kinds = ['user', 'organization', 'database', 'branch', 'team'] as const;

test('what is printed is read again, as its own kind alone', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.constantFrom(...kinds), (uuid, kind) => {
      const printed = printId(kind, uuid);
      expect(printed).toMatch(/^[a-z]+_[0-9a-f]{32}$/);
      expect(kinds.map((other) => parseId(other, printed))).toEqual(
        kinds.map((other) => (other === kind ? uuid : undefined)),
      );
    }),
  );
});

test('the digits of an id are those of the UUID', () => {
  const id = newId();
  expect(hexOf(id)).toBe(id.replaceAll('-', ''));
});

const digits = '0123456789abcdef0123456789abcdef';
test.each([
  `br_${digits}0`,
  `br_${digits.slice(1)}`,
  `br_${digits.toUpperCase()}`,
  `br_${digits}\n`,
  ` br_${digits}`,
  `db_${digits}`,
  digits,
  '01234567-89ab-cdef-0123-456789abcdef',
])('%j is no branch', (text) => {
  expect(parseId('branch', text)).toBeUndefined();
});
