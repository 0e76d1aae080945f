/**
 * What the library refused, and to whom, for the log's line of the request (`ctx.state`).
 *
 * @module
 */

import type { errors, KoaContextWithOIDC, Provider } from 'oidc-provider';

/** Notes the reason, with the detail that the client is not told, and the client that was named. */
export function noteDenials(provider: Provider): void {
  const note = (ctx: KoaContextWithOIDC, error: errors.OIDCProviderError) => {
    const why = error.error_detail ?? error.error_description;
    ctx.state['reason'] = why === undefined ? error.error : `${error.error}: ${why}`;
    ctx.state['client'] = ctx.oidc.client?.clientId ?? ctx.oidc.params?.['client_id'];
  };
  provider.on('authorization.error', note);
  provider.on('grant.error', note);
  provider.on('introspection.error', note);
  provider.on('revocation.error', note);
  provider.on('pushed_authorization_request.error', note);
  provider.on('userinfo.error', note);
}
