/**
 * The SDK for resource servers: asks Usher, on every request, what a token may do on the one thing
 * that the request touches. Nothing is cached, so a right that was taken away is gone at once.
 *
 * Source: RFC 6750, RFC 7662, RFC 9449 section 7, RFC 9728.
 *
 * @module
 */

import { permissionCheck, type ScopeOptions, scopeCheck } from './checks.ts';
import { proofAgeSeconds, proofSkewSeconds } from './dpop-proof.ts';
import { type ExpressMiddleware, type ExpressRequest, expressGuard } from './express-guard.ts';
import { type FastifyHook, type FastifyRequest, fastifyGuard, tokenOf } from './fastify-guard.ts';
import { type FetchGuard, fetchGuard } from './fetch-guard.ts';
import { createGuard, type GrantedToken, type GuardOptions, type GuardParts } from './guard.ts';
import { type KoaContext, type KoaMiddleware, koaGuard } from './koa-guard.ts';
import { type McpGuard, type McpOptions, mcpGuard } from './mcp-guard.ts';
import { checkOptions, type ResourceServerOptions } from './options.ts';
import { ownAddress } from './own-address.ts';
import type { MetadataOptions, ProtectedResourceMetadata } from './protected-resource-metadata.ts';
import { createReplayMemory } from './replay-memory.ts';
import { allOf, anyOf, type ScopeRequirement } from './requirement.ts';
import {
  documentsOf,
  serveToExpress,
  serveToFastify,
  serveToFetch,
  serveToKoa,
} from './serve-metadata.ts';
import type { TokenAnswer } from './token-answer.ts';
import { reachUsher } from './usher.ts';

export type { ScopeOptions } from './checks.ts';
export { ResourceServerError, type ResourceServerErrorCode } from './errors.ts';
export type { ExpressMiddleware, ExpressRequest, ExpressResponse } from './express-guard.ts';
export type { FastifyHook, FastifyReply, FastifyRequest } from './fastify-guard.ts';
export type { FetchGuard, FetchVerdict } from './fetch-guard.ts';
export type { GrantedToken, GuardOptions } from './guard.ts';
export type { KoaContext, KoaMiddleware } from './koa-guard.ts';
export type { McpGuard, McpOptions, McpRequest } from './mcp-guard.ts';
export type { ResourceServerOptions } from './options.ts';
export type { MetadataOptions, ProtectedResourceMetadata } from './protected-resource-metadata.ts';
export { allOf, anyOf, type ScopeRequirement } from './requirement.ts';
export type {
  AnsweredResource,
  LiveToken,
  ResourceType,
  TokenAnswer,
} from './token-answer.ts';
export type { ToolArguments, ToolNeed } from './tools.ts';

/** Guards routes. */
export interface ResourceServer {
  /**
   * Asks what a token may do on a resource.
   *
   * @param action the scopes that it is about to use, separated by spaces: organizations see which of
   *   those that they allowed are used. It changes no answer.
   * @throws {ResourceServerError} there is no answer to rely on, or no resource is named.
   */
  introspect(token: string, resource: string, action?: string): Promise<TokenAnswer>;
  /**
   * A guard for the Fetch API.
   *
   * @param scope one scope, or `allOf(...)`, or `anyOf(...)`.
   * @throws {TypeError} a scope is misspelt, or `resource` is not given.
   */
  requireScope(scope: string | ScopeRequirement, options: ScopeOptions<Request>): FetchGuard;
  /**
   * A guard for the Fetch API, by a permission such as `create_branches`: whatever scope it is
   * that gives it. Usher is asked twice: which resource it is, and whether that is permitted.
   *
   * @throws {TypeError} the permission is misspelt, or `resource` is not given.
   */
  requirePermission(permission: string, options: GuardOptions<Request>): FetchGuard;
  /**
   * The document of RFC 9728.
   *
   * @param path of a request, where `url` names a resource: each resource has a document of its own.
   * @throws {TypeError} `url` was not given, or no resource is at the path.
   */
  metadata(options?: MetadataOptions, path?: string): ProtectedResourceMetadata;
  /** A handler that answers where the document belongs, and undefined elsewhere. */
  serveMetadata(options?: MetadataOptions): (request: Request) => Response | undefined;
  /** The same for Koa. */
  readonly koa: {
    requireScope<Context extends KoaContext>(
      scope: string | ScopeRequirement,
      options: ScopeOptions<Context>,
    ): KoaMiddleware<Context>;
    requirePermission<Context extends KoaContext>(
      permission: string,
      options: GuardOptions<Context>,
    ): KoaMiddleware<Context>;
    serveMetadata(options?: MetadataOptions): KoaMiddleware<KoaContext>;
  };
  /** The same for Express, as middlewares; the token is in `response.locals.token`. */
  readonly express: {
    requireScope<Request extends ExpressRequest>(
      scope: string | ScopeRequirement,
      options: ScopeOptions<Request>,
    ): ExpressMiddleware<Request>;
    requirePermission<Request extends ExpressRequest>(
      permission: string,
      options: GuardOptions<Request>,
    ): ExpressMiddleware<Request>;
    serveMetadata(options?: MetadataOptions): ExpressMiddleware<ExpressRequest>;
  };
  /** The same for Fastify: guards as `preHandler`, the metadata as `onRequest` of the whole server. */
  readonly fastify: {
    requireScope<Request extends FastifyRequest>(
      scope: string | ScopeRequirement,
      options: ScopeOptions<Request>,
    ): FastifyHook<Request>;
    requirePermission<Request extends FastifyRequest>(
      permission: string,
      options: GuardOptions<Request>,
    ): FastifyHook<Request>;
    serveMetadata(options?: MetadataOptions): FastifyHook<FastifyRequest>;
    /**
     * The token of a request that a guard has let through.
     *
     * @throws {TypeError} none has: the route has no guard.
     */
    tokenOf(request: object): GrantedToken;
  };
  /**
   * Guards a whole MCP server on Express, tool by tool.
   *
   * @throws {TypeError} `url` was not given.
   */
  mcp(options: McpOptions): McpGuard;
  /** Ends the connections to Usher; whatever is asked from now on fails. */
  close(): void;
}

/** How many proofs are remembered for as long as one could be used again. */
const maximumProofs = 250_000;

/**
 * Makes a resource server; nothing is sent yet.
 *
 * @throws {TypeError} an option is missing or malformed.
 */
export function createResourceServer(options: ResourceServerOptions): ResourceServer {
  const checked = checkOptions(options);
  const { issuer, url, onFailure } = checked;
  const usher = reachUsher(checked);
  const address = url === undefined ? undefined : ownAddress(url);
  const parts: GuardParts = {
    issuer,
    address,
    replays: createReplayMemory(proofAgeSeconds + proofSkewSeconds, maximumProofs),
    usher,
    now: () => Math.floor(Date.now() / 1_000),
    onFailure,
  };
  const byScope = <Route>(scope: string | ScopeRequirement, guarded: ScopeOptions<Route>) =>
    createGuard(parts, guarded, scopeCheck(toRequirement(scope), guarded));
  const byPermission = <Route>(name: string, guarded: GuardOptions<Route>) =>
    createGuard(parts, guarded, permissionCheck(usher, toPermission(name), guarded));
  const { metadata, documentAt } = documentsOf(address, issuer);

  return {
    introspect: usher.introspect,
    requireScope: (scope, guarded) => fetchGuard(byScope(scope, guarded)),
    requirePermission: (name, guarded) => fetchGuard(byPermission(name, guarded)),
    metadata,
    serveMetadata: (described) => serveToFetch(documentAt(described)),
    koa: {
      requireScope: (scope, guarded) => koaGuard(byScope(scope, guarded)),
      requirePermission: (name, guarded) => koaGuard(byPermission(name, guarded)),
      serveMetadata: (described) => serveToKoa(documentAt(described)),
    },
    express: {
      requireScope: (scope, guarded) => expressGuard(byScope(scope, guarded)),
      requirePermission: (name, guarded) => expressGuard(byPermission(name, guarded)),
      serveMetadata: (described) => serveToExpress(documentAt(described)),
    },
    fastify: {
      requireScope: (scope, guarded) => fastifyGuard(byScope(scope, guarded)),
      requirePermission: (name, guarded) => fastifyGuard(byPermission(name, guarded)),
      serveMetadata: (described) => serveToFastify(documentAt(described)),
      tokenOf,
    },
    mcp: (described) => mcpGuard(parts, described, serveToExpress(documentAt(described))),
    close: usher.close,
  };
}

function toRequirement(scope: string | ScopeRequirement): ScopeRequirement {
  if (typeof scope === 'string') return allOf(scope);
  if (Array.isArray(scope?.scopes)) return (scope.every ? allOf : anyOf)(...scope.scopes);
  throw new TypeError('name one scope, or use allOf(...) or anyOf(...)');
}

function toPermission(name: string): string {
  if (typeof name === 'string' && /^[a-z_]+$/.test(name)) return name;
  throw new TypeError(`"${name}" is no permission: write lower-case letters, digits and _`);
}
