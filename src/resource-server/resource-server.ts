/**
 * The SDK for resource servers: asks Usher, on every request, what a token may do on the one thing
 * that the request touches. Nothing is cached, so a right that was taken away is gone at once.
 *
 * Source: RFC 6750, RFC 7662, RFC 9449 section 7, RFC 9728.
 *
 * @module
 */

import { coalesce } from './coalesce.ts';
import { proofAgeSeconds, proofSkewSeconds } from './dpop-proof.ts';
import { ResourceServerError } from './errors.ts';
import { type FetchGuard, fetchGuard } from './fetch-guard.ts';
import { createGuard, type GuardOptions, type GuardParts } from './guard.ts';
import { createTransport, type Question, type Transport } from './introspection-request.ts';
import { type KoaContext, type KoaMiddleware, koaGuard } from './koa-guard.ts';
import { type CheckedOptions, checkOptions, type ResourceServerOptions } from './options.ts';
import {
  describeResource,
  type MetadataOptions,
  metadataUrl,
  type ProtectedResourceMetadata,
} from './protected-resource-metadata.ts';
import { createReplayMemory } from './replay-memory.ts';
import { allOf, anyOf, type ScopeRequirement } from './requirement.ts';
import { serveToFetch, serveToKoa } from './serve-metadata.ts';
import { readAnswer, type TokenAnswer } from './token-answer.ts';

export { ResourceServerError, type ResourceServerErrorCode } from './errors.ts';
export type { FetchGuard, FetchVerdict } from './fetch-guard.ts';
export type { GrantedToken, GuardOptions } from './guard.ts';
export type { KoaContext, KoaMiddleware } from './koa-guard.ts';
export type { ResourceServerOptions } from './options.ts';
export type { MetadataOptions, ProtectedResourceMetadata } from './protected-resource-metadata.ts';
export { allOf, anyOf, type ScopeRequirement } from './requirement.ts';
export type {
  AnsweredResource,
  LiveToken,
  ResourceType,
  TokenAnswer,
} from './token-answer.ts';

/** Guards routes. */
export interface ResourceServer {
  /**
   * Asks what a token may do on a resource.
   *
   * @throws {ResourceServerError} there is no answer to rely on, or no resource is named.
   */
  introspect(token: string, resource: string): Promise<TokenAnswer>;
  /**
   * A guard for the Fetch API.
   *
   * @param scope one scope, or `allOf(...)`, or `anyOf(...)`.
   * @throws {TypeError} a scope is misspelt, or `resource` is not given.
   */
  requireScope(scope: string | ScopeRequirement, options: GuardOptions<Request>): FetchGuard;
  /**
   * The document of RFC 9728.
   *
   * @throws {TypeError} `url` was not given.
   */
  metadata(options?: MetadataOptions): ProtectedResourceMetadata;
  /** A handler that answers where the document belongs, and undefined elsewhere. */
  serveMetadata(options?: MetadataOptions): (request: Request) => Response | undefined;
  /** The same for Koa. */
  readonly koa: {
    requireScope<Context extends KoaContext>(
      scope: string | ScopeRequirement,
      options: GuardOptions<Context>,
    ): KoaMiddleware<Context>;
    serveMetadata(options?: MetadataOptions): KoaMiddleware<KoaContext>;
  };
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
  const { issuer, url } = checked;
  const transport = createTransport(checked);
  const introspect = createIntrospection(transport, checked);
  const parts: GuardParts = {
    protection: { realm: url ?? issuer, metadataUrl: url && metadataUrl(url).href },
    origin: url && new URL(url).origin,
    replays: createReplayMemory(proofAgeSeconds + proofSkewSeconds, maximumProofs),
    now: () => Math.floor(Date.now() / 1_000),
    introspect,
    onFailure: checked.onFailure,
  };
  const guard = <Route>(scope: string | ScopeRequirement, guarded: GuardOptions<Route>) =>
    createGuard(parts, toRequirement(scope), guarded);
  const metadata = (described: MetadataOptions = {}) =>
    describeResource(required(url), issuer, described);

  return {
    introspect,
    requireScope: (scope, guarded) => fetchGuard(guard(scope, guarded)),
    metadata,
    serveMetadata: (described) => serveToFetch(metadata(described)),
    koa: {
      requireScope: (scope, guarded) => koaGuard(guard(scope, guarded)),
      serveMetadata: (described) => serveToKoa(metadata(described)),
    },
    close: transport.close,
  };
}

function createIntrospection(
  { ask }: Transport,
  { issuer, timeoutMilliseconds, maximumInFlight }: CheckedOptions,
): GuardParts['introspect'] {
  const askTogether = coalesce<Question, TokenAnswer>({
    keyOf: ({ token, resource }) => JSON.stringify([token, resource]),
    ask: async (question, signal) =>
      readAnswer(await ask(question, signal), issuer, question.resource),
    timeoutMilliseconds,
    maximumInFlight,
  });
  return async (token, resource) => {
    if (typeof resource === 'string' && resource !== '') return askTogether({ token, resource });
    throw new ResourceServerError('no_resource', 'no resource is named, so nothing was asked');
  };
}

function toRequirement(scope: string | ScopeRequirement): ScopeRequirement {
  if (typeof scope === 'string') return allOf(scope);
  if (Array.isArray(scope?.scopes)) return (scope.every ? allOf : anyOf)(...scope.scopes);
  throw new TypeError('name one scope, or use allOf(...) or anyOf(...)');
}

function required(url: string | undefined): string {
  if (url !== undefined) return url;
  throw new TypeError('metadata needs the option "url": the public address of this server');
}
