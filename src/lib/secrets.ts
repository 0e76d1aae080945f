/**
 * Secrets that Usher hands out: tokens, codes, client secrets.
 *
 * The form is `usher_<kind>_`, 43 random characters, 6 characters of checksum. All are letters and
 * digits (and the underscores of the prefix), so a secret goes unchanged through HTTP Basic, URLs
 * and shells, and a double click selects all of it. The prefix and the checksum let a secret
 * scanner tell a real one from a look-alike without asking anybody; the checksum protects nothing.
 *
 * Source: RFC 6749 section 10.10 (guessing), RFC 6750 section 2.1 (b64token).
 *
 * @module
 */

import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** 43 characters of 62 carry 256.03 bits. */
const randomLength = 43;

/** 62^6 is more than 2^32, the number of checksums. */
const checksumLength = 6;

const secretForm = /^usher_[a-z]+_[0-9A-Za-z]{49}$/;

/** What a secret begins with, which shows its kind. */
export const secretPrefixes = {
  accessToken: 'usher_at_',
  refreshToken: 'usher_rt_',
  authorizationCode: 'usher_ac_',
  clientSecret: 'usher_cs_',
  registrationAccessToken: 'usher_rat_',
  serviceToken: 'usher_st_',
} as const;

/** The prefix of a kind of secret: those of `secretPrefixes`, or another of the same form. */
export type SecretPrefix = `usher_${string}_`;

/** @returns a new secret of at least 256 bits, 49 characters after its prefix. */
export function randomSecret(prefix: SecretPrefix): string {
  const body = prefix + randomCharacters(randomLength);
  return body + checksum(body);
}

/** @returns whether the text has the form of a secret and its checksum fits; no more than that. */
export function hasValidChecksum(token: string): boolean {
  if (!secretForm.test(token)) return false;
  return checksum(token.slice(0, -checksumLength)) === token.slice(-checksumLength);
}

/** @returns the 32 bytes under which a secret is kept and found. */
export function sha256(value: string | Uint8Array): Buffer {
  return hash('sha256', value, 'buffer');
}

/**
 * @returns the bytes of `sha256` as a text, one character for each (latin1): where many are made and soon
 *   dropped, a buffer takes four times as long.
 */
export function digestText(value: string): string {
  return hash('sha256', value, 'binary');
}

/** Compares two secrets in a time that shows neither where they differ nor how long they are. */
export function equal(a: string | Uint8Array, b: string | Uint8Array): boolean {
  return timingSafeEqual(sha256(a), sha256(b));
}

/**
 * Bytes from 248 on are thrown away: 248 is 4 times 62, so every character is equally likely. A few
 * more are asked for than needed, since asking is what takes the time.
 */
function randomCharacters(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length + 16)) {
      if (byte < 4 * alphabet.length && text.length < length)
        text += alphabet[byte % alphabet.length];
    }
  }
  return text;
}

function checksum(body: string): string {
  let rest = crc32(body);
  let text = '';
  for (let index = 0; index < checksumLength; index++) {
    text = alphabet.charAt(rest % alphabet.length) + text;
    rest = Math.floor(rest / alphabet.length);
  }
  return text;
}
