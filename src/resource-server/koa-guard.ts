/**
 * The guard for Koa. Of a context only these properties are used, so that any version fits.
 *
 * @module
 */

import type { IncomingMessage } from 'node:http';
import type { Guard } from './guard.ts';
import { headerOf, pathOf } from './node-request.ts';

/** What a guard needs of a Koa context. */
export interface KoaContext {
  readonly req: Pick<IncomingMessage, 'rawHeaders'>;
  readonly method: string;
  readonly originalUrl: string;
  readonly path: string;
  // biome-ignore lint/suspicious/noExplicitAny: as Koa declares it
  state: any;
  status: number;
  body: unknown;
  set(headers: Record<string, string>): void;
}

/** A middleware for a context of that kind. */
export type KoaMiddleware<Context> = (
  ctx: Context,
  next: () => Promise<unknown>,
) => Promise<unknown>;

/**
 * Puts the token into `ctx.state.token` and goes on, or answers the refusal itself. A refusal is
 * answered, not thrown: no error handler above turns it into something else.
 */
export function koaGuard<Context extends KoaContext>(
  guard: Guard<Context>,
): KoaMiddleware<Context> {
  return async (ctx, next) => {
    const verdict = await guard(
      {
        authorization: headerOf(ctx.req.rawHeaders, 'authorization'),
        proof: headerOf(ctx.req.rawHeaders, 'dpop'),
        method: ctx.method,
        path: pathOf(ctx.originalUrl),
      },
      ctx,
    );
    if (verdict.ok) {
      ctx.state.token = verdict.token;
      return next();
    }
    const { status, headers, body } = verdict.refusal;
    ctx.status = status;
    ctx.set({ ...headers });
    ctx.body = body;
    return undefined;
  };
}
