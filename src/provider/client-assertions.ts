/**
 * How far ahead a client assertion may end: its id is remembered until then, so that it is used once.
 *
 * Source: RFC 7523 section 3 ("may reject JWTs with an exp that is unreasonably far in the future").
 *
 * @module
 */

import { errors, type KoaContextWithOIDC } from 'oidc-provider';

const longestSeconds = 3_600;

/**
 * For the library's `assertJwtClientAuthClaimsAndHeader`, which it calls once the signature is right.
 *
 * @throws {errors.InvalidClientAuth} it ends later than an hour from now.
 */
export async function refuseLongAssertions(
  _ctx: KoaContextWithOIDC,
  { exp }: Record<string, unknown>,
): Promise<void> {
  const leftSeconds = Number(exp) - Date.now() / 1000;
  if (leftSeconds <= longestSeconds) return;
  throw new errors.InvalidClientAuth('the client assertion ends too far in the future');
}
