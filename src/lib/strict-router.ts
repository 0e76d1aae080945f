/**
 * The one way to make a router: a path matches exactly, in its case and without a slash at its end,
 * so that a check and a route never disagree about which address a request is for.
 *
 * @module
 */

import Router from '@koa/router';

/** @returns a router without routes. Its paths are written out in full, never with a prefix of `/`. */
export function strictRouter(): Router {
  return new Router({ strict: true, sensitive: true });
}
