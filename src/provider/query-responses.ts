/**
 * Authorization responses go in the query of the redirect, and nowhere else.
 *
 * The library would also send them in the fragment, as a form, and errors by the mode that a refused
 * response type implies. Here every other mode is refused, and its refusal too goes in the query.
 *
 * Source: RFC 9700 section 4.3 (browser history) and 2.1.2; RFC 6749 section 4.1.2.
 *
 * @module
 */

import { errors, type KoaContextWithOIDC } from 'oidc-provider';

/** The middleware around the authorization endpoint and the metadata. */
export async function onlyQueryResponses(
  ctx: KoaContextWithOIDC,
  next: () => Promise<void>,
): Promise<void> {
  const { response_mode: mode } = ctx.query;
  if (ctx.path === '/oauth/authorize' && isOther(mode)) {
    ctx.query = { ...ctx.query, response_mode: 'unsupported' };
  }
  await next();
  if (ctx.oidc?.route === 'authorization') moveFragment(ctx);
  if (ctx.oidc?.route === 'discovery' && ctx.status === 200) {
    (ctx.body as Record<string, unknown>)['response_modes_supported'] = ['query'];
  }
}

/** @throws {errors.UnsupportedResponseMode} a pushed request asks for another mode. */
export function refuseOtherModes({ oidc }: KoaContextWithOIDC): void {
  if (isOther(oidc.params?.['response_mode'])) throw new errors.UnsupportedResponseMode();
}

function isOther(mode: unknown): boolean {
  return mode !== undefined && mode !== 'query';
}

/** A registered address has no fragment, so what is there is the answer. */
function moveFragment(ctx: KoaContextWithOIDC): void {
  const location: unknown = ctx.response.get('Location');
  if (typeof location !== 'string' || !location.includes('#')) return;
  const [address = '', answer] = location.split('#');
  ctx.set('Location', `${address}${address.includes('?') ? '&' : '?'}${answer}`);
}
