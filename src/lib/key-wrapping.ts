/**
 * Encryption of secrets that have to be read again: signing keys, cookie keys, the successor of a
 * refresh token. Wrapped bytes are `version (1) | nonce (12) | tag (16) | ciphertext`.
 *
 * Each context ("signing-key 2026-01", say) has its own key, so that wrapped bytes moved from one
 * row or column to another do not open there.
 *
 * Source: RFC 5869 (HKDF), NIST SP 800-38D (AES-GCM).
 *
 * @module
 */

import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  randomBytes,
} from 'node:crypto';
import { WrongKeyError } from './errors.ts';

const cipher = 'aes-256-gcm';
const version = 1;
const nonceLength = 12;
const tagLength = 16;
const headerLength = 1 + nonceLength + tagLength;

/**
 * Derives a key for one purpose from a secret of full strength (random, not a password).
 *
 * @param info names the purpose: other purposes give unrelated keys.
 * @param length in bytes, at most 8,160.
 */
export function deriveKey(secret: string | Buffer, info: string, length: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', info, length));
}

/** Encrypts under a key and a context; equal plaintexts never give equal bytes. */
export function wrap(key: Buffer, plaintext: Buffer, context: string): Buffer {
  return seal(contextKey(key, context), plaintext, context);
}

/** As `wrap`, under a key that is used for this context alone. */
export function seal(key: Buffer, plaintext: Buffer, context: string): Buffer {
  const nonce = randomBytes(nonceLength);
  // As bytes, the key would double the time that this takes.
  const encryption = createCipheriv(cipher, createSecretKey(key), nonce);
  encryption.setAAD(associatedData(context));
  const ciphertext = Buffer.concat([encryption.update(plaintext), encryption.final()]);
  return Buffer.concat([Buffer.of(version), nonce, encryption.getAuthTag(), ciphertext]);
}

/**
 * Decrypts what `wrap` made with the same key and context.
 *
 * @throws {WrongKeyError} the key or the context is another one, or the bytes were changed; which
 *   of these cannot be known.
 */
export function unwrap(key: Buffer, wrapped: Buffer, context: string): Buffer {
  return open(contextKey(key, context), wrapped, context);
}

/**
 * Decrypts what `seal` made with the same key and context.
 *
 * @throws {WrongKeyError} as `unwrap`.
 */
export function open(key: Buffer, wrapped: Buffer, context: string): Buffer {
  if (wrapped[0] !== version || wrapped.length < headerLength) {
    throw new WrongKeyError(`wrapped bytes for "${context}" are not in a known format`);
  }
  const nonce = wrapped.subarray(1, 1 + nonceLength);
  const decryption = createDecipheriv(cipher, createSecretKey(key), nonce, {
    authTagLength: tagLength,
  });
  decryption.setAAD(associatedData(context));
  decryption.setAuthTag(wrapped.subarray(1 + nonceLength, headerLength));
  const start = decryption.update(wrapped.subarray(headerLength));
  try {
    return Buffer.concat([start, decryption.final()]);
  } catch (cause) {
    throw new WrongKeyError(
      `wrapped bytes for "${context}" do not open with this key: it is not the one they were wrapped with, or they were changed`,
      { cause },
    );
  }
}

function contextKey(key: Buffer, context: string): Buffer {
  return deriveKey(key, `usher key-wrapping ${context}`, 32);
}

function associatedData(context: string): Buffer {
  return Buffer.concat([Buffer.of(version), Buffer.from(context)]);
}
