/**
 * The guard for Koa. Of a context only these members are used, so that any version fits.
 *
 * @module
 */

import type { IncomingMessage } from 'node:http';
import type { Guard } from './guard.ts';

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
        authorization: headerOf(ctx.req, 'authorization'),
        proof: headerOf(ctx.req, 'dpop'),
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

/** All headers of the name, as they came: of some, `headers` keeps the first alone. */
function headerOf({ rawHeaders }: KoaContext['req'], name: string): string | undefined {
  const values = rawHeaders.filter(
    (_, n) => n % 2 === 1 && rawHeaders[n - 1]?.toLowerCase() === name,
  );
  return values.length === 0 ? undefined : values.join(', ');
}

/** Of `/path?query`, or of the whole address that a client may send (RFC 9112 section 3.2.2). */
function pathOf(target: string): string {
  const path = target.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '');
  return path.startsWith('/') ? path : `/${path}`;
}
