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
import { afterRequests } from './library-internals.ts';

/** Empties each context when its response is sent; nothing of the library works on it after that. */
export function releaseContexts(provider: Provider): void {
  afterRequests(provider, empty);
}

function empty(ctx: Context): void {
  for (const object of [ctx['oidc'], ctx]) {
    for (const name of Object.keys(object ?? {})) object[name] = undefined;
  }
}
