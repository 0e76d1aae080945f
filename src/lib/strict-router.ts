/**
 * The one way to make a router: a path matches exactly, in its case and without a slash at its end,
 * so that a check and a route never disagree about which address a request is for.
 *
 * @module
 */

import Router from '@koa/router';
import type Koa from 'koa';

/** @returns a router without routes. Its paths are written out in full, never with a prefix of `/`. */
export function strictRouter(): Router {
  return new Router({ strict: true, sensitive: true });
}

/**
 * Around all routers: answers 405 where the path is a route of another method, and OPTIONS with the
 * methods. Where there is no route it stays 404, whatever the method.
 */
export async function allowedMethods(ctx: Koa.Context, next: Koa.Next): Promise<void> {
  await next();
  if (ctx.status !== 404 || ctx.body != null) return;
  const { matched = [] } = ctx as { matched?: readonly { readonly methods: string[] }[] };
  const methods = new Set(matched.flatMap((layer) => layer.methods));
  if (methods.size === 0 || methods.has(ctx.method)) return;
  ctx.set('Allow', [...methods].join(', '));
  if (ctx.method === 'OPTIONS') ctx.body = '';
  else ctx.status = 405;
}
