/**
 * Gives the memory of a request back as soon as the request is over.
 *
 * The library defines a getter on each context. V8 allocates such a pair of getter and setter among
 * the old objects at once, and there it holds its context, until the next major collection, with
 * all that hangs on it: request, response, tokens, 10 kB and more. So the heap grew by all requests
 * of seconds, and every minor collection copied what was long dead. A context that is over is
 * therefore emptied.
 *
 * Source: measured, config/decisions.md ("Contexts are emptied").
 *
 * @module
 */

import type { Context } from 'koa';
import type { Provider } from 'oidc-provider';

/** What a Koa application calls for each request; it resolves when the response is handed over. */
interface KoaInside {
  handleRequest(ctx: Context, middleware: unknown): Promise<void>;
}

/** Empties each context when its response is sent; nothing of the library works on it after that. */
export function releaseContexts(provider: Provider): void {
  const koa = provider as unknown as KoaInside;
  const { handleRequest } = koa;
  koa.handleRequest = async (ctx, middleware) => {
    await handleRequest.call(koa, ctx, middleware);
    const { res } = ctx;
    if (!res.closed) res.once('close', () => empty(ctx));
  };
}

function empty(ctx: Context): void {
  for (const object of [ctx['oidc'], ctx] as const) {
    for (const name of Object.keys(object ?? {})) Reflect.set(object as object, name, undefined);
  }
}
