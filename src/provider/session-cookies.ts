/**
 * When the library's session cookie is not sent after all.
 *
 * The library sets it in every answer, before it stores the session. Where nothing was stored under
 * the id that it sends, the cookie would replace a good one and sign the browser out: an
 * anonymous session that nobody needs, or one that got its new id in another tab a moment ago.
 *
 * @module
 */

import type Koa from 'koa';
import { type KoaContextWithOIDC, Provider } from 'oidc-provider';

const withheld = new WeakSet<object>();

/** Keeps the session cookie of the request at hand out of its answer. */
export function withholdSessionCookie(): void {
  if (Provider.ctx !== undefined) withheld.add(Provider.ctx);
}

/** The middleware around the library that takes the cookie out. */
export function sessionCookies(provider: Provider) {
  const name = provider.cookieName('session');
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next();
    if (!withheld.has(ctx)) return;
    setCookieLines(
      ctx,
      cookieLines(ctx).filter((line) => !isNamed(line, name)),
    );
  };
}

/** @returns the lines by which an answer sets cookies. */
export function cookieLines(ctx: Pick<Koa.Context, 'res'>): string[] {
  return [ctx.res.getHeader('Set-Cookie') ?? []].flat().map(String);
}

/** Makes an answer set these cookies, and no others. */
export function setCookieLines(ctx: Pick<Koa.Context, 'res'>, lines: readonly string[]): void {
  if (lines.length > 0) ctx.res.setHeader('Set-Cookie', [...lines]);
  else ctx.res.removeHeader('Set-Cookie');
}

function isNamed(line: string, name: string): boolean {
  return line.startsWith(`${name}=`) || line.startsWith(`${name}.sig=`);
}
