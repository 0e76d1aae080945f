/**
 * The guard for Fastify, 4 and newer, as a `preHandler` or any other hook of a request.
 *
 * @module
 */

import type { GrantedToken, Guard } from './guard.ts';
import { headerOf, pathOf } from './node-request.ts';

/** What a guard needs of a request of Fastify. */
export interface FastifyRequest {
  readonly raw: { readonly rawHeaders: readonly string[] };
  readonly method: string;
  readonly originalUrl: string;
}

/** What a guard needs of a reply of Fastify. */
export interface FastifyReply {
  code(status: number): unknown;
  headers(headers: Record<string, string>): unknown;
  send(body?: unknown): unknown;
}

/** A hook for a request of that kind. */
export type FastifyHook<Request> = (request: Request, reply: FastifyReply) => Promise<unknown>;

const tokens = new WeakMap<object, GrantedToken>();

/** Keeps the token for `tokenOf` and goes on, or answers the refusal itself. */
export function fastifyGuard<Request extends FastifyRequest>(
  guard: Guard<Request>,
): FastifyHook<Request> {
  return async (request, reply) => {
    const { raw, method, originalUrl } = request;
    const authorization = headerOf(raw.rawHeaders, 'authorization');
    const proof = headerOf(raw.rawHeaders, 'dpop');
    const path = pathOf(originalUrl);
    const verdict = await guard({ authorization, proof, method, path }, request);
    if (verdict.ok) {
      tokens.set(request, verdict.token);
      return undefined;
    }
    const { status, headers, body } = verdict.refusal;
    reply.code(status);
    reply.headers({ ...headers });
    reply.send(body);
    return reply;
  };
}

/**
 * @returns the token of a request that a guard has let through.
 * @throws {TypeError} none has: the route has no guard.
 */
export function tokenOf(request: object): GrantedToken {
  const token = tokens.get(request);
  if (token === undefined) throw new TypeError('no guard has let this request through');
  return token;
}
