/**
 * Pages of other origins: they may call this API with a token, and never with a cookie.
 *
 * What has a cookie and no token gets no leave, so that nothing of a person's session is ever read by
 * another site. The header that marks a change as coming from a page of ours is not among those that
 * are allowed.
 *
 * Source: Fetch Standard, section "HTTP CORS protocol".
 *
 * @module
 */

import type Koa from 'koa';

const readable = [
  'WWW-Authenticate',
  'ETag',
  'Idempotency-Replayed',
  'Retry-After',
  'Content-Disposition',
  'X-Request-ID',
];
const sendable = [
  'Authorization',
  'DPoP',
  'Content-Type',
  'If-Match',
  'If-None-Match',
  'Idempotency-Key',
];
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Answers preflights, and lets pages of other origins read what was not asked by cookie. */
export async function allowPages(ctx: Koa.Context, next: Koa.Next): Promise<unknown> {
  ctx.vary('Cookie');
  ctx.vary('Authorization');
  if (isPreflight(ctx)) {
    ctx.set({
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Allow-Methods': methods.join(', '),
      'Access-Control-Allow-Headers': sendable.join(', '),
      'Access-Control-Max-Age': '600',
    });
    ctx.status = 204;
    return undefined;
  }
  if (ctx.get('Authorization') !== '' || ctx.get('Cookie') === '') {
    ctx.set('Access-Control-Allow-Origin', '*');
    ctx.set('Access-Control-Expose-Headers', readable.join(', '));
  }
  return next();
}

function isPreflight(ctx: Koa.Context): boolean {
  return ctx.method === 'OPTIONS' && ctx.get('Access-Control-Request-Method') !== '';
}
