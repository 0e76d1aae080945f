/**
 * `at_hash` in the ID tokens of the token endpoint: it ties an ID token to the access token beside it.
 *
 * The library hashes the claim if it is there, and puts it there at the authorization endpoint only.
 *
 * Source: OpenID Connect Core sections 3.1.3.6 and 12.2.
 *
 * @module
 */

import type { Provider } from 'oidc-provider';
import { beforeIdTokens } from './library-internals.ts';

/** Adds the claim to each ID token that is issued along with an access token. */
export function hashAccessTokens(provider: Provider): void {
  beforeIdTokens(provider, (idToken, use) => {
    const accessToken = idToken.ctx?.oidc.entities.AccessToken?.jti;
    if (use === 'idtoken' && accessToken !== undefined) idToken.set('at_hash', accessToken);
  });
}
