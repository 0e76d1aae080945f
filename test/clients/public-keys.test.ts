/** RFC 7517, RFC 7518 section 6: the keys of a client, real ones. */

import { generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPublicKeys } from '../../src/clients/public-keys.ts';

const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' });
const ed25519 = generateKeyPairSync('ed25519');
const x25519 = generateKeyPairSync('x25519');
const rsa2048 = generateKeyPairSync('rsa', { modulusLength: 2048 });
const rsa1024 = generateKeyPairSync('rsa', { modulusLength: 1024 });

const key = jwk(p256.publicKey);

function jwk(keyObject: KeyObject): JsonWebKey {
  return keyObject.export({ format: 'jwk' });
}

describe('readPublicKeys accepts', () => {
  test.each([
    ['EC P-256', { ...key, alg: 'ES256' }],
    ['EC P-384', { ...jwk(p384.publicKey), alg: 'ES384' }],
    ['Ed25519', { ...jwk(ed25519.publicKey), alg: 'EdDSA' }],
    ['RSA of 2,048 bits', { ...jwk(rsa2048.publicKey), alg: 'PS256' }],
    ['a key id and a use', { ...key, kid: '2026-01', use: 'sig' }],
  ])('%s', (_what, accepted) => {
    expect(readPublicKeys({ keys: [accepted] })).toEqual({ outcome: 'accepted', keys: [accepted] });
  });

  test('five keys, and leaves out properties that it does not know', () => {
    const keys = ['a', 'b', 'c', 'd', 'e'].map((kid) => ({ ...key, kid }));
    const noted = keys.map((one) => ({ ...one, note: 'x', x5c: ['MII'] }));
    expect(readPublicKeys({ keys: noted, more: 1 })).toEqual({ outcome: 'accepted', keys });
  });
});

describe('readPublicKeys leaves out (RFC 7517 section 5)', () => {
  test.each([
    ['P-521', jwk(p521.publicKey)],
    ['X25519', jwk(x25519.publicKey)],
    ['an unknown kind', { kty: 'AKP', alg: 'ML-DSA-44', pub: 'x' }],
    ['a key for encryption', { ...key, use: 'enc' }],
    ['a key for RSA encryption', { ...jwk(rsa2048.publicKey), alg: 'RSA-OAEP' }],
    ['the algorithm none', { ...key, alg: 'none' }],
    ['an algorithm of shared keys', { ...key, alg: 'HS256' }],
    ['the algorithm of another curve', { ...key, alg: 'ES384' }],
  ])('%s', (_what, other) => {
    expect(readPublicKeys({ keys: [other, key] })).toEqual({ outcome: 'accepted', keys: [key] });
    expect(readPublicKeys({ keys: [other] })).toEqual({ outcome: 'accepted', keys: [] });
  });
});

describe('readPublicKeys refuses', () => {
  test.each([
    ['nothing', undefined, /1 to 20/],
    ['a list', [key], /1 to 20/],
    ['no keys', { keys: [] }, /1 to 20/],
    ['six keys', { keys: Array(6).fill(key) }, /at most 5/],
    ['21 keys', { keys: Array(21).fill({ kty: 'x' }) }, /1 to 20/],
    ['two keys of one kid', { keys: [key, key] }, /kid/],
    ['text for a key', { keys: ['key'] }, /key 0 must be an object/],
    ['a private EC key', { keys: [jwk(p256.privateKey)] }, /key 0 holds a private/],
    ['a private Ed25519 key', { keys: [jwk(ed25519.privateKey)] }, /holds a private/],
    ['a private RSA key', { keys: [jwk(rsa2048.privateKey)] }, /holds a private/],
    ['a private member that is null', { keys: [{ ...key, d: null }] }, /holds a private/],
    ['a shared key', { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] }, /holds a private/],
    ['a certificate to be fetched', { keys: [{ ...key, x5u: 'https://a.test' }] }, /fetches/],
    ['a kid with a space', { keys: [{ ...key, kid: 'a b' }] }, /must be an EC key/],
    ['a point beside the curve', { keys: [{ ...key, x: key.y }] }, /not a key of its kind/],
    ['half a point', { keys: [{ ...key, x: 'AAAA' }] }, /not a key of its kind/],
    ['RSA of 1,024 bits', { keys: [jwk(rsa1024.publicKey)] }, /2048 to 8192/],
    ['RSA with exponent 1', { keys: [{ ...jwk(rsa2048.publicKey), e: 'AQ' }] }, /must be an EC/],
    ['RSA beyond 8,192 bits', { keys: [{ kty: 'RSA', n: '_'.repeat(1400), e: 'AQAB' }] }, /8192/],
  ])('%s', (_what, jwks, reason) => {
    expect(readPublicKeys(jwks)).toMatchObject({
      outcome: 'refused',
      reason: expect.stringMatching(reason),
    });
  });

  test('a good key does not cover for a bad one', () => {
    const keys = [key, jwk(ed25519.privateKey)];
    expect(readPublicKeys({ keys })).toMatchObject({
      outcome: 'refused',
      reason: expect.stringMatching(/^key 1 holds a private/),
    });
  });
});

test('whatever comes in, it answers', () => {
  const nearly = fc.record(
    {
      kty: fc.constantFrom('EC', 'OKP', 'RSA', 'oct', '', 1),
      crv: fc.constantFrom('P-256', 'P-384', 'Ed25519', 'P-521'),
      x: fc.oneof(fc.constantFrom(key.x, key.y), fc.base64String(), fc.jsonValue()),
      y: fc.oneof(fc.constantFrom(key.x, key.y), fc.base64String(), fc.jsonValue()),
      n: fc.base64String(),
      e: fc.constantFrom('AQAB', 'AQ', 'Aw'),
    },
    { requiredKeys: [] },
  );
  const anything = fc.oneof(
    fc.jsonValue(),
    fc.array(nearly).map((keys) => ({ keys })),
  );
  fc.assert(
    fc.property(anything, (jwks) => {
      const read = readPublicKeys(jwks);
      if (read.outcome === 'refused') expect(read.reason).toMatch(/^[ !#-[\]-~]{1,200}$/);
      else expect(JSON.stringify(read.keys)).not.toMatch(/"(d|p|q|k)":/);
    }),
  );
});
