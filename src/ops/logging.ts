/**
 * Structured logs: one line a request, nothing secret in it.
 *
 * A line has the pattern of the route that answered, such as `/invitations/:token`, and never the
 * address itself: addresses carry tokens, codes and ids. Bodies and headers are never logged. The line
 * of a refused request has the client, the address and the reason, too, and is sampled: denials.ts.
 *
 * @module
 */

import { randomUUID } from 'node:crypto';
import type Koa from 'koa';
import { type Logger, pino } from 'pino';
import type { Denial, SampleDenial } from './denials.ts';

/** Makes the process's logger; it writes JSON lines to standard output. */
export function createLogger(level: string): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime });
}

/** Names each request (`X-Request-Id` in the answer) and logs how it ended. */
export function requestLog(logger: Logger, sampleDenial: SampleDenial): Koa.Middleware {
  return async (ctx, next) => {
    const id = randomUUID();
    ctx.state['requestId'] = id;
    ctx.set('X-Request-Id', id);
    const begun = performance.now();
    ctx.res.once('close', () => {
      const { method } = ctx;
      const milliseconds = Math.round((performance.now() - begun) * 10) / 10;
      const status = ctx.res.writableFinished ? ctx.res.statusCode : 499;
      const line = { id, method, route: routeOf(ctx), status, milliseconds };
      const denial = denialOf(ctx, status);
      const sampled = denial && sampleDenial(denial, ctx.req);
      if (denial === undefined || sampled !== undefined) {
        logger.info({ ...line, ...sampled }, 'request');
      }
    });
    await next();
  };
}

const refusals = new Set([401, 403, 429, 503]);

/** @returns undefined for a request that was not refused; a room that knows the reason has noted it. */
function denialOf({ state, body }: Koa.Context, status: number): Denial | undefined {
  const noted: unknown = state['reason'];
  if (noted === undefined && !refusals.has(status)) return undefined;
  const { error } = (typeof body === 'object' && body !== null ? body : {}) as { error?: unknown };
  const client: unknown = state['client'];
  return {
    client: typeof client === 'string' ? client : undefined,
    reason: oneLine(noted ?? error ?? `status ${status}`),
  };
}

/** A reason may quote what was sent. */
function oneLine(reason: unknown): string {
  return String(reason)
    .replaceAll(/usher_\w+/g, '(secret)')
    .slice(0, 200);
}

/** What routers leave on the context: ours the routes of that path, the library's its one route. */
interface Routed {
  readonly matched?: readonly { readonly path: string | RegExp; readonly methods: string[] }[];
  readonly routerPath?: string;
}

/** @returns the pattern of the route that the request was for; `none` where there is no such route. */
export function routeOf(ctx: Koa.Context): string {
  const { matched = [], routerPath } = ctx as Routed;
  const routes = matched.filter(({ methods }) => methods.length > 0);
  const route = routes.find(({ methods }) => methods.includes(ctx.method)) ?? routes[0];
  return String(route?.path ?? routerPath ?? 'none');
}
