/** Which slugs and names an organization, a team, a database and a branch may have. */

import { describe, expect, test } from 'vitest';
import { checkNameAndSlug } from '../../src/organizations/names.ts';
import { RefusedError } from '../../src/organizations/refusals.ts';
import { slugFault } from '../../src/organizations/slugs.ts';

describe('a slug', () => {
  test.each(['a', '0', 'acme', 'feature-x', 'a--b', 'a-', 'x'.repeat(63)])('%s', (slug) => {
    expect(slugFault('organization', slug)).toBeUndefined();
  });

  test.each([
    '',
    '-a',
    'A',
    'a_b',
    'a b',
    'a/b',
    '..',
    'é',
    'а', // Cyrillic
    'a\n',
    'a\u0000',
    'a.b',
    'x'.repeat(64),
  ])('never %j', (slug) => {
    expect(slugFault('branch', slug)?.field).toBe('slug');
  });

  test.each(['new', 'edit', 'me'])('%s is reserved everywhere', (slug) => {
    for (const kind of ['organization', 'team', 'database', 'branch'] as const) {
      expect(slugFault(kind, slug)?.message).toBe('is reserved');
    }
  });

  test('what is an address of Usher itself is reserved beside organizations only', () => {
    expect(slugFault('organization', 'api')?.message).toBe('is reserved');
    expect(slugFault('database', 'api')).toBeUndefined();
  });

  test.each(['acme', 'vault', 'shop', 'analytics', 'ledger', 'secrets', 'data', 'main', 'audit'])(
    '%s is in the demo data',
    (slug) => {
      expect(slugFault('organization', slug)).toBeUndefined();
    },
  );
});

describe('a name', () => {
  const stored = (name: string) => checkNameAndSlug('team', { name, slug: 'x' }).name;

  test.each(['Acme', 'Müller & Söhne GmbH', '株式会社アクメ', 'Ακμή 2', 'x'.repeat(100), '😀 a'])(
    '%s',
    (name) => {
      expect(stored(name)).toBe(name);
    },
  );

  test('is stored trimmed and in one normal form', () => {
    expect(stored('  Mu\u0308ller ')).toBe('M\u00fcller');
  });

  test.each([
    ['nothing', ' '],
    ['too much', 'x'.repeat(101)],
    ['far too much, most of it blank', `a${' '.repeat(5000)}b`],
    ['a line break', 'a\nb'],
    ['a null', 'a\u0000b'],
    ['text that runs backwards', 'a\u202Eb'],
    ['what is not seen', 'a\u200Bb'],
    ['half a character', 'a\uD800'],
    ['no letter', '---'],
    ['a letter of another script', 'Аcme'],
    ['stacked accents', `a${'\u0301'.repeat(6)}`],
    ['a web address', 'Free money https://evil.test'],
  ])('never %s', (_what, name) => {
    expect(() => stored(name)).toThrow(RefusedError);
  });
});

test('every field that cannot be taken is named', () => {
  try {
    checkNameAndSlug('team', { name: '', slug: '' });
    expect.unreachable();
  } catch (error) {
    const { refusal } = error as RefusedError;
    expect(refusal).toMatchObject({
      code: 'invalid',
      fields: [{ field: 'name' }, { field: 'slug' }],
    });
  }
});
