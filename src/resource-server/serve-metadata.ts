/**
 * The metadata as a page of its own, for the Fetch API, Express, Fastify and Koa.
 *
 * Source: RFC 9728 section 3.2; RFC 9110 section 9.3.2 (HEAD); Fetch Standard, "CORS-preflight
 * request".
 *
 * @module
 */

import type { ExpressMiddleware, ExpressRequest } from './express-guard.ts';
import type { FastifyHook, FastifyRequest } from './fastify-guard.ts';
import type { KoaContext, KoaMiddleware } from './koa-guard.ts';
import { pathOf } from './node-request.ts';
import { metadataUrl, type ProtectedResourceMetadata } from './protected-resource-metadata.ts';

/** Anyone may read it, also from a page in a browser. */
const readable = { 'access-control-allow-origin': '*' };

/** A page that sends a header of its own asks before (the MCP SDK sends `MCP-Protocol-Version`). */
const askable = {
  ...readable,
  'access-control-allow-methods': 'GET, HEAD',
  'access-control-allow-headers': '*',
  'access-control-max-age': '86400',
};

interface Answer {
  readonly status: 200 | 204;
  readonly headers: Record<string, string>;
  readonly body: ProtectedResourceMetadata | null;
}

/** @returns what is answered to a method; undefined where it is nothing of ours. */
function answerTo(method: string, document: ProtectedResourceMetadata): Answer | undefined {
  switch (method) {
    case 'GET':
    case 'HEAD':
      return { status: 200, headers: { ...readable }, body: document };
    case 'OPTIONS':
      return { status: 204, headers: { ...askable }, body: null };
    default:
      return undefined;
  }
}

/** @returns a handler that answers where the document belongs, and undefined elsewhere. */
export function serveToFetch(
  document: ProtectedResourceMetadata,
): (request: Request) => Response | undefined {
  const { pathname } = metadataUrl(document.resource);
  return ({ method, url }) => {
    if (new URL(url).pathname !== pathname) return undefined;
    const answer = answerTo(method, document);
    if (answer === undefined) return undefined;
    const { status, headers, body } = answer;
    if (body === null) return new Response(null, { status, headers });
    const full = Response.json(body, { headers });
    return method === 'HEAD' ? new Response(null, full) : full;
  };
}

/** @returns a middleware that answers where the document belongs, and goes on elsewhere. */
export function serveToKoa(document: ProtectedResourceMetadata): KoaMiddleware<KoaContext> {
  const { pathname } = metadataUrl(document.resource);
  return async (ctx, next) => {
    const answer = ctx.path === pathname ? answerTo(ctx.method, document) : undefined;
    if (answer === undefined) return next();
    ctx.status = answer.status;
    ctx.set(answer.headers);
    ctx.body = answer.body;
    return undefined;
  };
}

/** @returns a middleware that answers where the document belongs, and goes on elsewhere. */
export function serveToExpress(
  document: ProtectedResourceMetadata,
): ExpressMiddleware<ExpressRequest> {
  const { pathname } = metadataUrl(document.resource);
  return async ({ method, originalUrl }, response, next) => {
    const answer = isAt(originalUrl, pathname) ? answerTo(method, document) : undefined;
    if (answer === undefined) return next();
    response.status(answer.status);
    response.set(answer.headers);
    if (answer.body === null) response.end();
    else response.json(answer.body);
  };
}

/** @returns an `onRequest` hook of the whole server that answers where the document belongs. */
export function serveToFastify(document: ProtectedResourceMetadata): FastifyHook<FastifyRequest> {
  const { pathname } = metadataUrl(document.resource);
  return async ({ method, originalUrl }, reply) => {
    const answer = isAt(originalUrl, pathname) ? answerTo(method, document) : undefined;
    if (answer === undefined) return undefined;
    reply.code(answer.status);
    reply.headers(answer.headers);
    reply.send(answer.body ?? undefined);
    return reply;
  };
}

function isAt(target: string, pathname: string): boolean {
  return pathOf(target).replace(/[?#].*$/s, '') === pathname;
}
