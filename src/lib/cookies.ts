/**
 * The cookies of our own pages: for this host alone, out of reach of scripts.
 *
 * Source: RFC 6265bis sections 4.1.3.2 (`__Host-`) and 4.1.2.7 (SameSite).
 *
 * @module
 */

import type Koa from 'koa';

/** A cookie by name; behind https it carries the `__Host-` prefix, so no sibling host can plant it. */
export interface Cookie {
  read(ctx: Koa.Context): string | undefined;
  /** Sets it for the browser's session, or for `maxAgeSeconds`. */
  write(ctx: Koa.Context, value: string, maxAgeSeconds?: number): void;
}

/** @param name without prefix; values must be made of characters that cookies allow (RFC 6265). */
export function createCookie(name: string, { issuer }: { issuer: string }): Cookie {
  const isSecure = issuer.startsWith('https:');
  const fullName = isSecure ? `__Host-${name}` : name;
  const attributes = `Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
  return {
    read: (ctx) => ctx.cookies.get(fullName, { signed: false }),
    write: (ctx, value, maxAgeSeconds) => {
      const age = maxAgeSeconds === undefined ? '' : `; Max-Age=${maxAgeSeconds}`;
      ctx.append('Set-Cookie', `${fullName}=${value}; ${attributes}${age}`);
    },
  };
}
