/**
 * The random id by which a browser is known, in a cookie of this host alone: behind https
 * no sibling host can plant one. It proves nothing about a person.
 *
 * Source: RFC 9700 section 4.7; RFC 6265bis section 4.1.3.2 (`__Host-`).
 *
 * @module
 */

import { randomBytes } from 'node:crypto';
import type Koa from 'koa';
import { createCookie } from './cookies.ts';

/** Knows a browser again. */
export interface BrowserIdentity {
  /** @returns the browser's id; undefined when it has none yet. */
  read(ctx: Koa.Context): string | undefined;
  /** @returns the browser's id; it gets one with the answer if it has none. */
  ensure(ctx: Koa.Context): string;
}

/** Ids that were given in this very answer; the request does not bring them yet. */
const given = new WeakMap<object, string>();

/** The identity of browsers at an issuer; its cookie is `usher_browser`. */
export function browserIdentity(issuer: string): BrowserIdentity {
  const cookie = createCookie('usher_browser', { issuer });
  const read = (ctx: Koa.Context) => given.get(ctx.req) ?? readId(cookie.read(ctx));
  return {
    read,
    ensure(ctx) {
      const known = read(ctx);
      if (known !== undefined) return known;
      const id = randomBytes(32).toString('base64url');
      given.set(ctx.req, id);
      cookie.write(ctx, id);
      return id;
    },
  };
}

function readId(cookie: string | undefined): string | undefined {
  return cookie !== undefined && /^[\w-]{43}$/.test(cookie) ? cookie : undefined;
}
