/** RFC 9449 section 4.3: every way in which a proof can be wrong, made by another implementation. */

import { createHash } from 'node:crypto';
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkProof, proofAlgorithms } from '../../src/resource-server/dpop-proof.ts';
import { createReplayMemory, type ReplayMemory } from '../../src/resource-server/replay-memory.ts';

const now = 1_700_000_000;
const token = 'usher_at_one';
const address = 'https://api.test/branches/br_1';
const ath = createHash('sha256').update(token).digest('base64url');

interface Key {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
  readonly thumbprint: string;
}

async function newKey(alg: string): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return { privateKey, jwk, thumbprint: await calculateJwkThumbprint(jwk) };
}

const keys = new Map<string, Key>();

beforeAll(async () => {
  for (const alg of [...proofAlgorithms, 'RS256', 'ES384']) keys.set(alg, await newKey(alg));
});

function keyFor(alg: string): Key {
  const key = keys.get(alg);
  if (key === undefined) throw new Error(`no key for ${alg}`);
  return key;
}

interface Change {
  /** Undefined takes a member out. */
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
  readonly alg?: string;
  readonly signedWith?: Key;
}

/** A proof that fits the request, but for the change. */
function makeProof({ header, claims, alg = 'ES256', signedWith }: Change = {}): Promise<string> {
  const { privateKey, jwk } = keyFor(alg);
  const payload = { htm: 'GET', htu: address, iat: now, jti: 'proof-1', ath, ...claims };
  return new SignJWT(payload as JWTPayload)
    .setProtectedHeader({ typ: 'dpop+jwt', alg, jwk, ...header })
    .sign(signedWith?.privateKey ?? privateKey);
}

interface Situation {
  readonly url?: string;
  readonly method?: string;
  readonly alg?: string;
  readonly later?: number;
  readonly memory?: ReplayMemory;
}

function check(proof: string | undefined, situation: Situation = {}) {
  const { url = address, method = 'GET', alg = 'ES256', later = 0, memory } = situation;
  return checkProof({
    proof,
    method,
    url: new URL(url),
    token,
    thumbprint: keyFor(alg).thumbprint,
    now: now + later,
    memory: memory ?? createReplayMemory(70, 100),
  });
}

describe('a proof holds', () => {
  test.each(proofAlgorithms)('signed with %s', async (alg) => {
    expect(check(await makeProof({ alg }), { alg })).toBe('valid');
  });

  test.each([
    ['a query', { url: `${address}?page=2` }, {}],
    ['a fragment and a query in the proof', {}, { htu: `${address}?page=2#top` }],
    ['the default port spelt out', {}, { htu: 'https://api.test:443/branches/br_1' }],
    ['scheme and host in capitals', {}, { htu: 'HTTPS://API.test/branches/br_1' }],
    ['claims that it does not know', {}, { nonce: 'n', exp: 1, nbf: now + 9_999 }],
  ])('with %s', async (_what, situation, claims) => {
    expect(check(await makeProof({ claims }), situation)).toBe('valid');
  });

  test.each([60, 0, -10])('%i seconds after it was made', async (later) => {
    expect(check(await makeProof(), { later })).toBe('valid');
  });
});

describe('a proof is refused', () => {
  test.each<[string, Change]>([
    ['another type', { header: { typ: 'JWT' } }],
    ['no type', { header: { typ: undefined } }],
    ['no key', { header: { jwk: undefined } }],
    ['another method', { claims: { htm: 'POST' } }],
    ['the method in small letters', { claims: { htm: 'get' } }],
    ['no method', { claims: { htm: undefined } }],
    ['another path', { claims: { htu: `${address}/backups` } }],
    ['another host', { claims: { htu: 'https://other.test/branches/br_1' } }],
    ['another scheme', { claims: { htu: 'http://api.test/branches/br_1' } }],
    ['another port', { claims: { htu: 'https://api.test:8443/branches/br_1' } }],
    ['the path in capitals', { claims: { htu: 'https://api.test/Branches/br_1' } }],
    ['only a path', { claims: { htu: '/branches/br_1' } }],
    ['no address', { claims: { htu: undefined } }],
    ['another token', { claims: { ath: createHash('sha256').update('x').digest('base64url') } }],
    ['no token', { claims: { ath: undefined } }],
    ['no id', { claims: { jti: undefined } }],
    ['an empty id', { claims: { jti: '' } }],
    ['an id that is no text', { claims: { jti: 1 } }],
    ['no time', { claims: { iat: undefined } }],
    ['a time that is a text', { claims: { iat: String(now) } }],
    ['a time an hour ago', { claims: { iat: now - 3_600 } }],
    ['a time 61 seconds ago', { claims: { iat: now - 61 } }],
    ['a time in 11 seconds', { claims: { iat: now + 11 } }],
    ['a time in an hour', { claims: { iat: now + 3_600 } }],
  ])('with %s', async (_what, change) => {
    expect(check(await makeProof(change))).toBe('invalid');
  });

  test.each(['RS256', 'ES384'])('signed with %s', async (alg) => {
    expect(check(await makeProof({ alg }), { alg })).toBe('invalid');
  });

  test('signed by a key that the token is not bound to', async () => {
    const stranger = await newKey('ES256');
    const own = { header: { jwk: stranger.jwk }, signedWith: stranger };
    expect(check(await makeProof(own))).toBe('invalid');
    expect(check(await makeProof({ signedWith: stranger }))).toBe('invalid');
  });

  test('with the private key in it', async () => {
    const { privateKey } = keyFor('ES256');
    const jwk = await exportJWK(privateKey);
    expect(check(await makeProof({ header: { jwk } }))).toBe('invalid');
  });

  test('with the key under another algorithm', async () => {
    const { jwk } = keyFor('Ed25519');
    expect(check(await makeProof({ header: { jwk } }), { alg: 'Ed25519' })).toBe('invalid');
  });

  test('without a signature, or with one changed', async () => {
    const [header = '', claims, signature = ''] = (await makeProof()).split('.');
    const fields = JSON.parse(Buffer.from(header, 'base64url').toString());
    const none = Buffer.from(JSON.stringify({ ...fields, alg: 'none' })).toString('base64url');
    const changed = `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`;
    for (const text of [
      `${none}.${claims}.`,
      `${none}.${claims}.${signature}`,
      `${header}.${claims}.`,
      `${header}.${claims}.${changed}`,
      `${header}.${claims}`,
    ]) {
      expect(check(text)).toBe('invalid');
    }
  });

  test('when there is none, two, or something else', async () => {
    const other = await makeProof({ claims: { jti: 'proof-2' } });
    const two = `${await makeProof()}, ${other}`;
    for (const text of [undefined, '', 'proof', '..', two, 'a'.repeat(100_000)]) {
      expect(check(text)).toBe('invalid');
    }
  });
});

describe('a proof holds once', () => {
  test.each([0, 60])('also %i seconds later', async (later) => {
    const memory = createReplayMemory(70, 100);
    const proof = await makeProof();
    expect(check(proof, { memory })).toBe('valid');
    expect(check(proof, { memory, later })).toBe('invalid');
  });

  test('a refused one is not used up', async () => {
    const memory = createReplayMemory(70, 100);
    const proof = await makeProof();
    expect(check(proof, { memory, method: 'POST' })).toBe('invalid');
    expect(check(proof, { memory })).toBe('valid');
  });

  test('where no more can be remembered, no more holds', async () => {
    const memory = createReplayMemory(70, 1);
    expect(check(await makeProof(), { memory })).toBe('valid');
    expect(check(await makeProof({ claims: { jti: 'proof-2' } }), { memory })).toBe('full');
  });
});
