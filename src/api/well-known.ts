/**
 * What is under `/.well-known/` may be read by pages of any origin, what is not there as well.
 *
 * A host that runs in a browser looks for metadata at several addresses, one after the other, some of them
 * with a path after the name. It goes on from a 404 that it may read, and fails at one that it may not.
 *
 * Source: the Fetch standard's CORS protocol, RFC 8414 section 3.1, RFC 9728 section 3.1.
 *
 * @module
 */

import type Koa from 'koa';

const addresses = /(?:^|\/)\.well-known\//;

/** Without credentials mode, since `*` excludes it: no cookie counts here. */
export async function openWellKnown(ctx: Koa.Context, next: Koa.Next): Promise<void> {
  if (!addresses.test(ctx.path)) return next();
  ctx.set('Access-Control-Allow-Origin', '*');
  if (ctx.method !== 'OPTIONS') return next();
  ctx.set('Access-Control-Allow-Methods', 'GET');
  ctx.set('Access-Control-Allow-Headers', 'Authorization, *');
  ctx.set('Access-Control-Max-Age', '3600');
  ctx.status = 204;
}
