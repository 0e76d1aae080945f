/**
 * A key set as its developer pastes it, or the address where it is. A private key is refused, and nothing of
 * it is in what is returned.
 *
 * @module
 */

import { z } from 'zod';
import { checkMetadata } from '../applications/register.ts';
import type { Client } from '../clients/client.ts';
import { readPublicKeys } from '../clients/public-keys.ts';

/** What the developer says, one of the two; nothing is checked. */
export interface TypedKeys {
  /** JSON: a JWK Set (RFC 7517 section 5), or one JWK alone. */
  readonly jwks: string;
  readonly jwksUri: string;
}

/** Why keys are refused. */
export interface KeyFault {
  readonly field: keyof TypedKeys;
  /** Which key of the set, from 0. */
  readonly key?: number;
  /** In the words of the checks. */
  readonly reason: string;
}

export type ReadKeys =
  | { readonly outcome: 'valid'; readonly keys: Pick<Client, 'jwks' | 'jwksUri'> }
  | { readonly outcome: 'refused'; readonly fault: KeyFault };

const maxCharacters = 16_384;

/** Reads keys, or the address of keys. @param production loopback is refused then. */
export function readTypedKeys({ jwks, jwksUri }: TypedKeys, production: boolean): ReadKeys {
  const [set, uri] = [jwks.trim(), jwksUri.trim()];
  if (set === '' && uri === '') return refused({ field: 'jwks', reason: 'missing' });
  if (set !== '' && uri !== '') return refused({ field: 'jwksUri', reason: 'both' });
  return set === '' ? readUri(uri, production) : readSet(set);
}

function readSet(text: string): ReadKeys {
  const refuse = (reason: string, key?: number) =>
    refused({ field: 'jwks', reason, ...(key === undefined ? {} : { key }) });
  if (text.length > maxCharacters) return refuse('too_long');
  if (text.includes('PRIVATE KEY')) return refuse('private');
  const parsed = parse(text);
  if (parsed === undefined) return refuse('not_json');
  const read = readPublicKeys(isSingle(parsed) ? { keys: [parsed] } : parsed);
  if (read.outcome === 'accepted') {
    if (read.keys.length === 0) return refuse('none');
    return { outcome: 'valid', keys: { jwks: { keys: read.keys } } };
  }
  const [, key, reason] = /^key (\d+) (.*)$/s.exec(read.reason) ?? [];
  return key === undefined ? refuse(read.reason) : refuse(reason ?? '', Number(key));
}

function readUri(uri: string, production: boolean): ReadKeys {
  const others = { redirect_uris: ['com.example.app:/callback'] }; // so that nothing else is missing
  const method = { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: uri };
  const checked = checkMetadata({ ...others, ...method }, production);
  if (checked.outcome === 'valid') return { outcome: 'valid', keys: { jwksUri: uri } };
  return refused({ field: 'jwksUri', reason: checked.description.replace(/^jwks_uri /, '') });
}

/** The error of JSON.parse is dropped: it quotes what it read. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isSingle(value: unknown): boolean {
  return z.object({ kty: z.string() }).safeParse(value).success;
}

function refused(fault: KeyFault): ReadKeys {
  return { outcome: 'refused', fault };
}
