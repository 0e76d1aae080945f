/**
 * Proof of possession: the request was made by whoever holds the key that the token is bound to.
 *
 *   form -> header -> key is the token's -> signature -> method, address, token, time -> not before
 *
 * The algorithms are those that Usher accepts when it binds a token.
 *
 * Source: RFC 9449 sections 4.2, 4.3 and 7.1, RFC 7638 (thumbprint), RFC 7515, RFC 7518 section 3.4,
 * RFC 8037 section 3.1, RFC 9864 section 2.2 (Ed25519).
 *
 * @module
 */

import { createHash, createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import type { ReplayMemory } from './replay-memory.ts';

/** For challenges and metadata. */
export const proofAlgorithms = ['ES256', 'Ed25519', 'EdDSA'] as const;

/** How old a proof may be, and how far ahead of this clock, in seconds. */
export const proofAgeSeconds = 60;
export const proofSkewSeconds = 10;

/** A proof, and the request and token that it has to be for. */
export interface ProofClaim {
  /** The value of the DPoP header; several are joined by commas, and refused. */
  readonly proof: string | undefined;
  readonly method: string;
  /** As the client called it; query and fragment do not count. */
  readonly url: URL;
  readonly token: string;
  /** The token's `cnf.jkt`. */
  readonly thumbprint: string;
  /** Seconds since 1970. */
  readonly now: number;
  /** `proofAgeSeconds` and `proofSkewSeconds` where it is left out. */
  readonly window?: { readonly ageSeconds: number; readonly skewSeconds: number };
}

/** A proof, and where those that were used are remembered. */
export interface ProofCheck extends ProofClaim {
  readonly memory: ReplayMemory;
}

/** What came of it; `full` says that the memory of proofs can take no more. */
export type ProofOutcome = 'valid' | 'invalid' | 'full';

/** Never throws: whatever is wrong with a proof makes it invalid. A valid one counts as used. */
export function checkProof(check: ProofCheck): ProofOutcome {
  const id = readProof(check);
  if (id === undefined) return 'invalid';
  const outcome = check.memory.remember(id, check.now);
  return outcome === 'new' ? 'valid' : outcome === 'seen' ? 'invalid' : 'full';
}

/**
 * Never throws.
 *
 * @returns what is to be remembered of a valid proof, since it counts once: the same for each use of
 *   it; undefined of one that is not valid for this request, token and time.
 */
export function readProof(claim: ProofClaim): string | undefined {
  const proof = parseProof(claim.proof ?? '');
  if (proof === undefined) return undefined;
  const key = publicKey(proof.header, claim.thumbprint);
  if (key === undefined || !isSigned(proof, key) || !isFor(proof.claims, claim)) return undefined;
  return digest(JSON.stringify([claim.thumbprint, proof.claims['jti']]));
}

type Json = Readonly<Record<string, unknown>>;

interface Proof {
  readonly header: Json;
  readonly claims: Json;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

const compactForm = /^([\w-]{1,4096})\.([\w-]{1,4096})\.([\w-]{86})$/;

function parseProof(text: string): Proof | undefined {
  const [, header = '', claims = '', signature = ''] = compactForm.exec(text) ?? [];
  const parsed = { header: parseJson(header), claims: parseJson(claims) };
  if (parsed.header === undefined || parsed.claims === undefined) return undefined;
  return {
    header: parsed.header,
    claims: parsed.claims,
    signed: Buffer.from(`${header}.${claims}`),
    signature: Buffer.from(signature, 'base64url'),
  };
}

function parseJson(part: string): Json | undefined {
  try {
    const json: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The key of the header, if it is the one that the token is bound to: anyone can sign with a key of
 * their own. Only the properties that define the key are used of what the client sent.
 */
function publicKey({ typ, alg, jwk, crit }: Json, thumbprint: string): KeyObject | undefined {
  if (typ !== 'dpop+jwt' || crit !== undefined || !isObject(jwk) || 'd' in jwk) return undefined;
  const required = definingProperties(alg, jwk);
  if (required === undefined || digest(JSON.stringify(required)) !== thumbprint) return undefined;
  try {
    return createPublicKey({ key: required, format: 'jwk' });
  } catch {
    return undefined;
  }
}

/** In the order in which RFC 7638 section 3.2 hashes them; undefined of a key of another kind. */
function definingProperties(alg: unknown, { kty, crv, x, y }: Json): JsonWebKey | undefined {
  if (typeof x !== 'string') return undefined;
  switch (alg) {
    case 'ES256':
      if (kty !== 'EC' || crv !== 'P-256' || typeof y !== 'string') return undefined;
      return { crv, kty, x, y };
    case 'Ed25519':
    case 'EdDSA':
      return kty === 'OKP' && crv === 'Ed25519' ? { crv, kty, x } : undefined;
    default:
      return undefined;
  }
}

function isSigned({ header: { alg }, signed, signature }: Proof, key: KeyObject): boolean {
  return alg === 'ES256'
    ? verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature)
    : verify(null, signed, key, signature);
}

const ownWindow = { ageSeconds: proofAgeSeconds, skewSeconds: proofSkewSeconds };

function isFor(
  { htm, htu, iat, jti, ath }: Json,
  { method, url, token, now, window = ownWindow }: ProofClaim,
): boolean {
  return (
    htm === method &&
    addressOf(htu) === addressOf(url.href) &&
    ath === digest(token) &&
    typeof iat === 'number' &&
    iat >= now - window.ageSeconds &&
    iat <= now + window.skewSeconds &&
    typeof jti === 'string' &&
    jti !== ''
  );
}

/** Without query and fragment, in the one spelling of scheme, host and port. */
function addressOf(htu: unknown): string | undefined {
  if (typeof htu !== 'string' || !URL.canParse(htu)) return undefined;
  const { protocol, host, pathname } = new URL(htu);
  return `${protocol}//${host}${pathname}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
