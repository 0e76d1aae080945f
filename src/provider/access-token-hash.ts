/**
 * `at_hash` in the ID tokens of the token endpoint: it ties an ID token to the access token beside it.
 *
 * The library hashes the claim if it is there, and puts it there at the authorization endpoint only.
 *
 * Source: OpenID Connect Core sections 3.1.3.6 and 12.2.
 *
 * @module
 */

import type { KoaContextWithOIDC, Provider } from 'oidc-provider';

/** An ID token of the library, before it is signed. */
interface UnsignedIdToken {
  readonly ctx: KoaContextWithOIDC | undefined;
  set(claim: string, value: string): void;
  issue(options: { readonly use: string }): Promise<string>;
}

/** Adds the claim to each ID token that is issued along with an access token. */
export function hashAccessTokens(provider: Provider): void {
  const model = provider.IdToken.prototype as unknown as UnsignedIdToken;
  const issue = model.issue;
  model.issue = function issueWithHash(options) {
    const accessToken = this.ctx?.oidc.entities.AccessToken?.jti;
    if (options.use === 'idtoken' && accessToken !== undefined) this.set('at_hash', accessToken);
    return issue.call(this, options);
  };
}
