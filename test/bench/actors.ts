/**
 * Who takes part in the benchmark: applications with tokens, and the resource server that asks.
 *
 * @module
 */

import { createHash } from 'node:crypto';
import { randomSecret, secretPrefixes } from '../../src/lib/secrets.ts';

/** A confidential client. */
export interface Actor {
  readonly id: string;
  readonly secret: string;
}

/** The applications whose tokens are asked about; they take turns. */
export const apps: readonly Actor[] = Array.from({ length: 50 }, (_, index) => ({
  id: `app-${index}`,
  secret: randomSecret(secretPrefixes.clientSecret),
}));

/** The application that redeems codes, refreshes tokens and asks for consent. */
export const redeemer: Actor = apps[0] ?? { id: '', secret: '' };

/** The resource server, which may ask about every token. */
export const asker: Actor = { id: 'api', secret: randomSecret(secretPrefixes.clientSecret) };

export const redirectUri = 'https://app.example/callback';

/** One verifier for all codes: its check costs the same. */
export const verifier = 'bench-verifier-0123456789-0123456789-0123456789';
export const challenge = createHash('sha256').update(verifier).digest('base64url');

export const secondsPerDay = 86_400;

/** @returns the header with which a client proves itself (RFC 6749 section 2.3.1). */
export function basic({ id, secret }: Actor): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}
