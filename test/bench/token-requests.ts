/**
 * The requests that redeem codes and refresh tokens, the same for every server.
 *
 * @module
 */

import { basic, redeemer, redirectUri, verifier } from './actors.ts';
import { formOf } from './bench.ts';
import type { Load } from './load.ts';

const expected = ['"access_token":"', '"refresh_token":"', '"token_type":"Bearer"'];

/** Each code once. */
export function codeExchange(path: string, codes: readonly string[]): Load {
  const rest = new URLSearchParams({ redirect_uri: redirectUri, code_verifier: verifier });
  const bodies = codes.map((code) => `grant_type=authorization_code&${rest}&code=${code}`);
  return { path, headers: formOf(basic(redeemer)), order: 'once', bodies, expected };
}

/** Each answer's refresh token is the next request's. */
export function refreshing(path: string, tokens: readonly string[]): Load {
  const bodies = tokens.map((token) => `grant_type=refresh_token&refresh_token=${token}`);
  return { path, headers: formOf(basic(redeemer)), order: 'chain', bodies, expected };
}
