/**
 * PKCE is required of every client but those for which an operator lifted it. There the nonce does its
 * work: it binds the ID token, and so the code, to the request that the client made.
 *
 * Source: RFC 7636; RFC 9700 section 2.1.1 (nonce instead of PKCE, for confidential clients alone).
 *
 * @module
 */

import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { LibraryClient } from './client-metadata.ts';

/** Whether a client cannot do without a `code_challenge`. */
export function isChallengeRequired({
  usher_challenge_optional: isLifted,
}: LibraryClient): boolean {
  return isLifted !== true;
}

/**
 * Checks an authorization request whose scope is expanded. A request of any other client that comes
 * here has a challenge.
 *
 * @throws {errors.InvalidRequest} it has neither a challenge nor `openid` with a `nonce`.
 */
export function requireNonceWithoutChallenge({ oidc }: KoaContextWithOIDC): void {
  const { code_challenge: challenge, nonce, scope } = oidc.params ?? {};
  const isOpenid = String(scope).split(' ').includes('openid');
  if (challenge !== undefined || (isOpenid && typeof nonce === 'string' && nonce !== '')) return;
  throw new errors.InvalidRequest(
    'without a code_challenge, send openid in scope and a nonce; better, send a code_challenge (PKCE)',
  );
}
