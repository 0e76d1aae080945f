/**
 * The answer to an application goes to the redirect URI as it was sent, byte for byte; what the answer
 * holds is added after the query that is there.
 *
 * The library reads the query and writes it anew, in which `a=%20b&c` becomes `a=+b&c=`: an
 * application that compares, or signed its own query, gets another one back.
 *
 * Source: RFC 6749 section 3.1.2 (a query in the redirect URI is kept).
 *
 * @module
 */

import type { KoaContextWithOIDC } from 'oidc-provider';

const routes = new Set(['authorization', 'resume']);

/** The middleware around the authorization endpoint. */
export async function keepRedirectUri(
  ctx: KoaContextWithOIDC,
  next: () => Promise<void>,
): Promise<void> {
  await next();
  if (!routes.has(ctx.oidc?.route ?? '')) return;
  const redirectUri = ctx.oidc.params?.['redirect_uri'];
  const location: unknown = ctx.response.get('Location');
  if (typeof redirectUri !== 'string' || typeof location !== 'string') return;
  const answer = answerIn(location, redirectUri);
  if (answer !== undefined) ctx.set('Location', withParameters(redirectUri, answer));
}

/** Adds parameters to an address of an application, whose own bytes stay as they are. */
export function withParameters(uri: string, parameters: URLSearchParams): string {
  return parameters.size === 0 ? uri : `${uri}${separator(uri)}${parameters}`;
}

/**
 * @returns the parameters that were added to the redirect URI; undefined where the browser is sent
 *   elsewhere. No redirect URI can be registered with a parameter that an answer has.
 */
function answerIn(location: string, redirectUri: string): URLSearchParams | undefined {
  const [there, registered] = [URL.parse(location), URL.parse(redirectUri)];
  if (there === null || registered === null) return undefined;
  if (withoutQuery(there) !== withoutQuery(registered)) return undefined;
  const added = Array.from(there.searchParams).filter(
    ([name]) => !registered.searchParams.has(name),
  );
  return added.length === 0 ? undefined : new URLSearchParams(added);
}

function withoutQuery({ href }: URL): string {
  return href.replace(/[?#].*/s, '');
}

function separator(uri: string): string {
  if (!uri.includes('?')) return '?';
  return /[?&]$/.test(uri) ? '' : '&';
}
