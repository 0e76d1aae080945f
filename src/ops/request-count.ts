/**
 * Counts how requests ended, by the pattern of their route.
 *
 * @module
 */

import type Koa from 'koa';
import { routeOf } from './logging.ts';
import type { Metrics } from './metrics.ts';

const usualMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** A client that went away before its answer counts as aborted (499). */
export function requestCount({ countRequest }: Pick<Metrics, 'countRequest'>): Koa.Middleware {
  return async (ctx, next) => {
    ctx.res.once('close', () => {
      const method = usualMethods.has(ctx.method) ? ctx.method : 'other';
      const status = ctx.res.writableFinished ? ctx.res.statusCode : 499;
      countRequest(`${method} ${routeOf(ctx)}`, status);
    });
    await next();
  };
}
