/**
 * What is asked of a client assertion beyond its signature and its client.
 *
 * It is for this issuer, named by one string. An assertion for an endpoint's address, or for several
 * servers, is one that another server can have been the first to see: a client that works with two can
 * be made to sign for one what opens the other. For a client that cannot do otherwise an operator
 * allows the token endpoint's address (clients/client-settings.ts).
 *
 * It is no other kind of JWT, such as a DPoP proof, which the same key may have signed. It ends soon,
 * since its id is remembered until then, so that it is used once; and it was not made in the future,
 * but for a clock that is a little ahead.
 *
 * Source: RFC 7523 section 3 as revised by draft-ietf-oauth-rfc7523bis section 4; FAPI 2.0 Security
 * Profile section 5.3.2.1; RFC 8725 section 3.11 (explicit types).
 *
 * @module
 */

import { type Client, errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { LibraryClient } from './client-metadata.ts';
import { ownMetadata } from './library-internals.ts';

const longestSeconds = 3_600;
const longestAheadSeconds = 60;

/**
 * For the library's `assertJwtClientAuthClaimsAndHeader`, which it calls once the signature is right.
 *
 * @throws {errors.InvalidClientAuth} it is not for this issuer alone, is no client assertion, ends later
 *   than an hour from now, or says that it was issued later than a minute from now.
 */
export async function checkAssertion(
  { oidc }: KoaContextWithOIDC,
  { aud, exp, iat }: Record<string, unknown>,
  { typ }: Record<string, unknown>,
  client: Client,
): Promise<void> {
  if (isOtherKind(typ)) {
    throw new errors.InvalidClientAuth(`a JWT of the type ${String(typ)} is no client assertion`);
  }
  const { usher_token_endpoint_audience: isEndpointAllowed } = ownMetadata<LibraryClient>(client);
  const isForUs =
    aud === oidc.issuer || (isEndpointAllowed === true && aud === oidc.urlFor('token'));
  if (!isForUs) {
    throw new errors.InvalidClientAuth(
      `the audience of a client assertion must be ${oidc.issuer}, as one string`,
    );
  }
  const now = Date.now() / 1000;
  if (Number(exp) - now > longestSeconds) {
    throw new errors.InvalidClientAuth('the client assertion ends too far in the future');
  }
  if (iat !== undefined && Number(iat) - now > longestAheadSeconds) {
    throw new errors.InvalidClientAuth('the client assertion was issued in the future');
  }
}

/** A `+jwt` type says what a JWT is for; without one nothing is said. */
function isOtherKind(type: unknown): boolean {
  if (typeof type !== 'string') return false;
  return /\+jwt$/i.test(type) && !/^(?:application\/)?client-authentication\+jwt$/i.test(type);
}
