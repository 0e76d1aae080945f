/**
 * The public keys of a client that signs its own assertions (`private_key_jwt`).
 *
 * Source: RFC 7517 (JWK), RFC 7518 section 6 (parameters), RFC 7523, RFC 8037 (Ed25519).
 *
 * @module
 */

import { createPublicKey } from 'node:crypto';
import { z } from 'zod';

const rsaAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const;

/** What the keys that may be registered can sign with: assertions of all these are taken. */
export const assertionAlgorithms = [
  'ES256',
  'ES384',
  'Ed25519',
  'EdDSA',
  ...rsaAlgorithms,
] as const;

const maxKeys = 5;
const maxGiven = 20;
const rsaBits = { least: 2048, most: 8192 };

/** RFC 7518 sections 6.2.2, 6.3.2 and 6.4: none of them belongs into a public key. */
const privateParameters = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** The kinds of key, and with what they sign. */
const kinds: readonly { kty: string; crv?: string; algorithms: ReadonlySet<unknown> }[] = [
  { kty: 'EC', crv: 'P-256', algorithms: new Set(['ES256']) },
  { kty: 'EC', crv: 'P-384', algorithms: new Set(['ES384']) },
  { kty: 'OKP', crv: 'Ed25519', algorithms: new Set(['EdDSA', 'Ed25519']) },
  { kty: 'RSA', algorithms: new Set(rsaAlgorithms) },
];

const number = z.string().regex(/^[A-Za-z0-9_-]{1,1400}$/);
const kid = z.string().regex(/^[!-~]{1,64}$/);
const common = { kid: kid.optional(), use: z.literal('sig').optional() };

/** RFC 7518 section 3.1, RFC 8037 section 3.1: which signature a key can make follows from it. */
const publicKey = z.union([
  z.object({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    alg: z.literal('ES256').optional(),
    x: number,
    y: number,
    ...common,
  }),
  z.object({
    kty: z.literal('EC'),
    crv: z.literal('P-384'),
    alg: z.literal('ES384').optional(),
    x: number,
    y: number,
    ...common,
  }),
  z.object({
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    alg: z.enum(['EdDSA', 'Ed25519']).optional(),
    x: number,
    ...common,
  }),
  z.object({
    kty: z.literal('RSA'),
    // A large exponent makes each verification dear; nobody needs another one.
    e: z.literal('AQAB'),
    alg: z.enum(rsaAlgorithms).optional(),
    n: number,
    ...common,
  }),
]);

/** A JWK with the parameters that matter here, and no others. */
export type PublicKey = Readonly<z.output<typeof publicKey>>;

export type PublicKeysOutcome =
  | { readonly outcome: 'accepted'; readonly keys: readonly PublicKey[] }
  | { readonly outcome: 'refused'; readonly reason: string };

/**
 * Reads a JWK Set (RFC 7517 section 5) with few public keys that can sign: EC on P-256 or P-384,
 * Ed25519, RSA of 2,048 to 8,192 bits. Keys of other kinds or for other uses are left out, as section
 * 5 asks; one that looks right and is broken or weak refuses the set.
 *
 * @returns the keys with unknown parameters left out, perhaps none; or why the set is refused, in ASCII
 *   and with nothing of the keys in it.
 */
export function readPublicKeys(jwks: unknown, mostKeys = maxKeys): PublicKeysOutcome {
  const set = z.object({ keys: z.array(z.unknown()).min(1).max(maxGiven) }).safeParse(jwks);
  if (!set.success) return refused(`must be an object with 1 to ${maxGiven} keys`);
  const keys: PublicKey[] = [];
  for (const [index, value] of set.data.keys.entries()) {
    const key = readPublicKey(value);
    if (typeof key === 'string') return refused(`key ${index} ${key}`);
    if (key !== undefined) keys.push(key);
  }
  if (keys.length > mostKeys) return refused(`must have at most ${mostKeys} keys that can sign`);
  return hasTwins(keys) ? refused('must give each key its own kid') : { outcome: 'accepted', keys };
}

function refused(reason: string): PublicKeysOutcome {
  return { outcome: 'refused', reason };
}

/** @returns undefined for a key that is not for signing, or of a kind that Usher does not know. */
function readPublicKey(value: unknown): PublicKey | string | undefined {
  const parameters = z.record(z.string(), z.unknown()).safeParse(value);
  if (!parameters.success) return 'must be an object';
  if (privateParameters.some((name) => Object.hasOwn(parameters.data, name))) {
    return 'holds a private or shared key: make a new one, this one is known to others now';
  }
  if (Object.hasOwn(parameters.data, 'x5u')) return 'must not have x5u: Usher fetches nothing';
  if (!isOfKnownKind(parameters.data)) return undefined;
  const key = publicKey.safeParse(parameters.data);
  if (!key.success) {
    return 'must be an EC key on P-256 or P-384, an Ed25519 key or an RSA key, for signatures';
  }
  return findKeyFault(key.data) ?? key.data;
}

function isOfKnownKind({ kty, crv, use, alg }: Record<string, unknown>): boolean {
  const kind = kinds.find((known) => known.kty === kty && (kty === 'RSA' || known.crv === crv));
  const isForSigning = use === undefined || use === 'sig';
  return kind !== undefined && isForSigning && (alg === undefined || kind.algorithms.has(alg));
}

function findKeyFault(key: PublicKey): string | undefined {
  const bits = readBits(key);
  if (bits === undefined) return 'is not a key of its kind';
  if (key.kty !== 'RSA' || (bits >= rsaBits.least && bits <= rsaBits.most)) return undefined;
  return `must have ${rsaBits.least} to ${rsaBits.most} bits`;
}

/** @returns the length of an RSA modulus, 0 for the other kinds; undefined when it is no key. */
function readBits(key: PublicKey): number | undefined {
  try {
    const { asymmetricKeyDetails } = createPublicKey({ key: { ...key }, format: 'jwk' });
    return asymmetricKeyDetails?.modulusLength ?? 0;
  } catch {
    return undefined;
  }
}

/** @returns what a key can sign with: the algorithm that it names, else all of its kind. */
export function algorithmsOf(key: PublicKey): readonly string[] {
  if (key.alg !== undefined) return [key.alg];
  const kind = kinds.find(
    ({ kty, crv }) => kty === key.kty && ('crv' in key ? crv === key.crv : true),
  );
  return Array.from(kind?.algorithms ?? [], String);
}

/** RFC 7517 section 4.5: among several keys the kid says which is meant. */
function hasTwins(keys: readonly PublicKey[]): boolean {
  return keys.length > 1 && new Set(keys.map((key) => key.kid)).size < keys.length;
}
