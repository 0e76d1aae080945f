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
import type { OwnAddress } from './own-address.ts';
import {
  describeResource,
  type MetadataOptions,
  type ProtectedResourceMetadata,
} from './protected-resource-metadata.ts';

/** Anyone may read it, also from a page in a browser. */
const readable = { 'access-control-allow-origin': '*' };

/** A page that sends a header of its own asks before (the MCP SDK sends `MCP-Protocol-Version`). */
const askable = {
  ...readable,
  'access-control-allow-methods': 'GET, HEAD',
  'access-control-allow-headers': '*',
  'access-control-max-age': '86400',
};

/**
 * @param address undefined where the server does not know it.
 * @returns the document for the path of a request, and for where it belongs; both throw a `TypeError`
 *   where there is none.
 */
export function documentsOf(address: OwnAddress | undefined, issuer: string) {
  const required = (): OwnAddress => {
    if (address !== undefined) return address;
    throw new TypeError('metadata needs the option "url": the public address of this server');
  };
  const metadata = (described: MetadataOptions = {}, path = ''): ProtectedResourceMetadata => {
    const here = required().at(path);
    if (here !== undefined) return describeResource(here, issuer, described);
    throw new TypeError('name the path of a resource: there is a document for each');
  };
  const documentAt = (described: MetadataOptions = {}): DocumentAt => {
    const { describedAt } = required();
    return (path) => {
      const here = describedAt(path);
      return here === undefined ? undefined : describeResource(here, issuer, described);
    };
  };
  return { metadata, documentAt };
}

interface Answer {
  readonly status: 200 | 204;
  readonly headers: Record<string, string>;
  readonly body: ProtectedResourceMetadata | null;
}

/** @returns the document that belongs at a path; undefined where none does. */
type DocumentAt = (path: string) => ProtectedResourceMetadata | undefined;

/** @returns what is answered to a request; undefined where it is nothing of ours. */
function answerTo(method: string, path: string, documentAt: DocumentAt): Answer | undefined {
  const document = documentAt(path);
  if (document === undefined) return undefined;
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
export function serveToFetch(documentAt: DocumentAt): (request: Request) => Response | undefined {
  return ({ method, url }) => {
    const answer = answerTo(method, new URL(url).pathname, documentAt);
    if (answer === undefined) return undefined;
    const { status, headers, body } = answer;
    if (body === null) return new Response(null, { status, headers });
    const full = Response.json(body, { headers });
    return method === 'HEAD' ? new Response(null, full) : full;
  };
}

/** @returns a middleware that answers where the document belongs, and goes on elsewhere. */
export function serveToKoa(documentAt: DocumentAt): KoaMiddleware<KoaContext> {
  return async (ctx, next) => {
    const answer = answerTo(ctx.method, ctx.path, documentAt);
    if (answer === undefined) return next();
    ctx.status = answer.status;
    ctx.set(answer.headers);
    ctx.body = answer.body;
    return undefined;
  };
}

/** @returns a middleware that answers where the document belongs, and goes on elsewhere. */
export function serveToExpress(documentAt: DocumentAt): ExpressMiddleware<ExpressRequest> {
  return async ({ method, originalUrl }, response, next) => {
    const answer = answerTo(method, barePath(originalUrl), documentAt);
    if (answer === undefined) return next();
    response.status(answer.status);
    response.set(answer.headers);
    if (answer.body === null) response.end();
    else response.json(answer.body);
  };
}

/** @returns an `onRequest` hook of the whole server that answers where the document belongs. */
export function serveToFastify(documentAt: DocumentAt): FastifyHook<FastifyRequest> {
  return async ({ method, originalUrl }, reply) => {
    const answer = answerTo(method, barePath(originalUrl), documentAt);
    if (answer === undefined) return undefined;
    reply.code(answer.status);
    reply.headers(answer.headers);
    reply.send(answer.body ?? undefined);
    return reply;
  };
}

function barePath(target: string): string {
  return pathOf(target).replace(/[?#].*$/s, '');
}
