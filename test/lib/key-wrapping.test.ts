/** RFC 5869, NIST SP 800-38D: what is wrapped opens with its key and in its place, or not at all. */

import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WrongKeyError } from '../../src/lib/errors.ts';
import { deriveKey, unwrap, wrap } from '../../src/lib/key-wrapping.ts';

const key = randomBytes(32);
const plaintext = Buffer.from('a signing key');

describe('wrap and unwrap', () => {
  test('give back any bytes in any context', () => {
    const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
    fc.assert(
      fc.property(bytes, fc.string(), (secret, context) => {
        expect(unwrap(key, wrap(key, secret, context), context)).toEqual(secret);
      }),
    );
  });

  test('equal plaintexts are not equal when wrapped, and do not show', () => {
    const wrapped = wrap(key, plaintext, 'keys');
    expect(wrapped).not.toEqual(wrap(key, plaintext, 'keys'));
    expect(wrapped.includes(plaintext)).toBe(false);
    expect(wrapped[0]).toBe(1);
  });

  test.each([
    ['another key', () => unwrap(randomBytes(32), wrap(key, plaintext, 'keys'), 'keys')],
    ['another context', () => unwrap(key, wrap(key, plaintext, 'keys'), 'cookies')],
  ])('%s is refused with a sentence that says so', (_what, open) => {
    expect(open).toThrow(WrongKeyError);
    expect(open).toThrow(/do not open with this key/);
  });

  test('any changed bit is refused', () => {
    const wrapped = wrap(key, plaintext, 'keys');
    for (let bit = 0; bit < wrapped.length * 8; bit++) {
      const changed = Buffer.from(wrapped);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(() => unwrap(key, changed, 'keys')).toThrow(WrongKeyError);
    }
  });

  test('any shorter form is refused', () => {
    const wrapped = wrap(key, plaintext, 'keys');
    for (let length = 0; length < wrapped.length; length++) {
      expect(() => unwrap(key, wrapped.subarray(0, length), 'keys')).toThrow(WrongKeyError);
    }
  });

  test('bytes wrapped by an earlier release still open', () => {
    const wrapped = Buffer.from(
      'Aa0JKoEUgCOaaCokZhb6Uz6+szKeA4Vy3oRgXMsleCP1j+4ovbS+05ZK',
      'base64',
    );
    expect(unwrap(Buffer.alloc(32, 7), wrapped, 'keys')).toEqual(plaintext);
  });
});

describe('deriveKey', () => {
  test('is HKDF with SHA-256 and no salt (RFC 5869 appendix A.3)', () => {
    const derived = deriveKey(Buffer.alloc(22, 0x0b), '', 42);
    expect(derived.toString('hex')).toBe(
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    );
  });

  test('gives each purpose its own key', () => {
    expect(deriveKey('secret', 'a', 32)).not.toEqual(deriveKey('secret', 'b', 32));
  });
});
