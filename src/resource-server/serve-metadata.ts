/**
 * The metadata as a page of its own, for the Fetch API and for Koa.
 *
 * Source: RFC 9728 section 3.2.
 *
 * @module
 */

import type { KoaContext, KoaMiddleware } from './koa-guard.ts';
import { metadataUrl, type ProtectedResourceMetadata } from './protected-resource-metadata.ts';

/** Anyone may read it, also from a page in a browser. */
const headers = { 'access-control-allow-origin': '*' };

/** @returns a handler that answers where the document belongs, and undefined elsewhere. */
export function serveToFetch(
  document: ProtectedResourceMetadata,
): (request: Request) => Response | undefined {
  const { pathname } = metadataUrl(document.resource);
  return ({ method, url }) =>
    method === 'GET' && new URL(url).pathname === pathname
      ? Response.json(document, { headers })
      : undefined;
}

/** @returns a middleware that answers where the document belongs, and goes on elsewhere. */
export function serveToKoa(document: ProtectedResourceMetadata): KoaMiddleware<KoaContext> {
  const { pathname } = metadataUrl(document.resource);
  return async (ctx, next) => {
    if (ctx.method !== 'GET' || ctx.path !== pathname) return next();
    ctx.set(headers);
    ctx.body = document;
    return undefined;
  };
}
