/** RFC 6749 section 10.10: what Usher hands out cannot be guessed, and a scanner can know it. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  equal,
  hasValidChecksum,
  randomSecret,
  secretPrefixes,
  sha256,
} from '../../src/lib/secrets.ts';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

describe('randomSecret', () => {
  test.each(Object.entries(secretPrefixes))('%s: prefix, 43 and 6 characters', (_kind, prefix) => {
    const secret = randomSecret(prefix);
    expect(secret.startsWith(prefix)).toBe(true);
    expect(secret.slice(prefix.length)).toMatch(/^[0-9A-Za-z]{49}$/);
  });

  test('means the same in a form, in Basic credentials and in a URL', () => {
    const secret = randomSecret('usher_cs_');
    expect(encodeURIComponent(secret)).toBe(secret);
    expect(new URLSearchParams({ secret }).toString()).toBe(`secret=${secret}`);
  });

  test('uses every character of the alphabet about equally often, and repeats nothing', () => {
    const secrets = Array.from({ length: 5_000 }, () => randomSecret('usher_at_'));
    expect(new Set(secrets).size).toBe(secrets.length);

    const counts = new Map<string, number>();
    for (const character of secrets.map((secret) => secret.slice(9, 52)).join('')) {
      counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    // Expected 3,468 each, standard deviation 58. Without the fair draw eight of the characters
    // would stand at 4,200.
    for (const character of alphabet) {
      const count = counts.get(character) ?? 0;
      expect(Math.abs(count - 3_468), character).toBeLessThan(500);
    }
  });
});

describe('hasValidChecksum', () => {
  test('knows its own', () => {
    for (const prefix of Object.values(secretPrefixes)) {
      expect(hasValidChecksum(randomSecret(prefix))).toBe(true);
    }
  });

  test('is fixed for ever: scanners outside rely on it', () => {
    expect(hasValidChecksum(`usher_at_${'0'.repeat(43)}2OkSyK`)).toBe(true);
  });

  test('sees any one character that was changed', () => {
    const secret = randomSecret('usher_rt_');
    const place = fc.integer({ min: 'usher_rt_'.length, max: secret.length - 1 });
    fc.assert(
      fc.property(place, fc.constantFrom(...alphabet), (index, character) => {
        fc.pre(secret[index] !== character);
        const changed = secret.slice(0, index) + character + secret.slice(index + 1);
        return !hasValidChecksum(changed);
      }),
    );
  });

  test.each([
    ['nothing', ''],
    ['a prefix alone', 'usher_at_'],
    ['another prefix over the same body', randomSecret('usher_at_').replace('_at_', '_rt_')],
    ['a line break at the end', `${randomSecret('usher_at_')}\n`],
    ['one character less', randomSecret('usher_at_').slice(0, -1)],
  ])('refuses %s', (_what, text) => {
    expect(hasValidChecksum(text)).toBe(false);
  });
});

describe('sha256 and equal', () => {
  test('sha256 gives the digest of FIPS 180-2 appendix B.1', () => {
    expect(sha256('abc').toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  test('equal agrees with ===, for every pair of texts', () => {
    fc.assert(fc.property(fc.string(), (text) => equal(text, text)));
    fc.assert(fc.property(fc.string(), fc.string(), (a, b) => equal(a, b) === (a === b)));
  });
});
