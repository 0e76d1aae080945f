/**
 * The one seam to the insides of oidc-provider: every cast to what its types do not declare, and
 * every replacement of a method that it calls. Who looks here after an upgrade of the library has
 * looked everywhere.
 *
 * | function | inside | used by |
 * |---|---|---|
 * | `generateTokenIds` | `generateTokenId` of the token models | provider.ts |
 * | `compareSecrets` | `Client#compareClientSecret` | client-secrets.ts |
 * | `detectReplays` | `ReplayDetection.unique` | replay-detection.ts |
 * | `beforeIdTokens` | `IdToken#issue` | access-token-hash.ts |
 * | `aroundSaves` | `save` of the base model and of `Session` | saved-records.ts |
 * | `rewriteBodies` | the context's property `body` | empty-parameters.ts |
 * | `afterRequests` | Koa's `handleRequest` | released-contexts.ts |
 * | `sessionOf`, `forgetSession` | the session of a plain Koa context, its property `destroyed` | browser-sessions.ts, session-adapter.ts |
 * | `requestAtHand` | `Provider.ctx` | client-adapter.ts, token-adapter.ts |
 * | `asPayload`, `ownMetadata` | client metadata, whose types leave our names out | client-adapter.ts, client-assertions.ts |
 * | `interactionOf`, `keyThumbprintOf` | stored payloads, which are of one type for all models | interactions.ts, resume.ts, service-token-adapter.ts |
 *
 * @module
 */

import type Koa from 'koa';
import {
  type AdapterPayload,
  type Client,
  type ClientMetadata,
  type IdToken,
  type KoaContextWithOIDC,
  Provider,
  type Session,
} from 'oidc-provider';

type TokenModel = 'AccessToken' | 'RefreshToken' | 'AuthorizationCode' | 'ClientCredentials';

/**
 * Makes the values of tokens. The library's own id is still made, since that sets the format.
 *
 * @param makers by model: makes one value.
 */
export function generateTokenIds(
  provider: Provider,
  makers: Readonly<Record<TokenModel, () => string>>,
): void {
  for (const model of [
    'AccessToken',
    'RefreshToken',
    'AuthorizationCode',
    'ClientCredentials',
  ] as const) {
    const prototype = provider[model].prototype as unknown as { generateTokenId(): string };
    const generate = prototype.generateTokenId;
    prototype.generateTokenId = function generateTokenId() {
      generate.call(this);
      return makers[model]();
    };
  }
}

/** Replaces the comparison of a client's secret with the one that is presented. */
export function compareSecrets(
  provider: Provider,
  compare: (clientId: string, presented: string) => Promise<boolean>,
): void {
  const prototype = provider.Client.prototype as unknown as {
    readonly clientId: string;
    compareClientSecret(presented: string): Promise<boolean>;
  };
  prototype.compareClientSecret = function compareClientSecret(presented) {
    return compare(this.clientId, presented);
  };
}

/** Replaces the check whether a proof's or an assertion's id is presented for the first time. */
export function detectReplays(
  provider: Provider,
  isFirst: (issuer: string, jti: string, expiresAt: number) => Promise<boolean>,
): void {
  provider.ReplayDetection.unique = isFirst;
}

/** Runs `prepare` before an ID token is signed. @param prepare gets the use it is issued for. */
export function beforeIdTokens(
  provider: Provider,
  prepare: (idToken: IdToken, use: string) => void,
): void {
  const { prototype } = provider.IdToken;
  const { issue } = prototype;
  prototype.issue = function issuePrepared(options) {
    prepare(this, options.use);
    return issue.call(this, options);
  };
}

/** A record of the library: what was read or saved before has an `iat` or an `exp`. */
export interface SavedModel {
  readonly iat?: number;
  readonly exp?: number;
  /** Of a session that gets a new id: the one that it was read by. */
  readonly oldId?: string;
}

interface ModelClass {
  readonly prototype: { save(this: SavedModel, ...rest: unknown[]): Promise<unknown> };
}

/**
 * Runs every save of the provider's models inside `around`. A session deletes its old row before the
 * base class saves it, so its own method is wrapped, too.
 */
export function aroundSaves(
  provider: Provider,
  around: (model: SavedModel, save: () => Promise<unknown>) => Promise<unknown>,
): void {
  const base = Object.getPrototypeOf(provider.Interaction) as ModelClass;
  for (const { prototype } of [base, provider.Session as unknown as ModelClass]) {
    const { save } = prototype;
    prototype.save = function saveInside(...rest) {
      return around(this, () => save.apply(this, rest));
    };
  }
}

/** Passes every body that the library has parsed through `rewrite` before the library reads it. */
export function rewriteBodies(provider: Provider, rewrite: (body: unknown) => unknown): void {
  const inside = provider as unknown as { readonly OIDCContext: { readonly prototype: object } };
  const bodies = new WeakMap<object, unknown>();
  Object.defineProperty(inside.OIDCContext.prototype, 'body', {
    configurable: true,
    get() {
      return bodies.get(this);
    },
    set(body: unknown) {
      bodies.set(this, rewrite(body));
    },
  });
}

/** What a Koa application calls for each request; it resolves when the response is handed over. */
interface KoaInside {
  handleRequest(ctx: Koa.Context, middleware: unknown): Promise<void>;
}

/** Calls `over` when a response is sent or its connection is gone: the library has finished with it. */
export function afterRequests(provider: Provider, over: (ctx: Koa.Context) => void): void {
  const koa = provider as unknown as KoaInside;
  const { handleRequest } = koa;
  koa.handleRequest = async (ctx, middleware) => {
    await handleRequest.call(koa, ctx, middleware);
    const { res } = ctx;
    if (!res.closed) res.once('close', () => over(ctx));
  };
}

/** @returns the browser's session on a page of ours; `Session.get` reads the plain Koa context alone. */
export function sessionOf(provider: Provider, ctx: Koa.Context): Promise<Session> {
  return provider.Session.get(ctx);
}

/** Keeps the library from saving the session once more at the end of its request. */
export function forgetSession(session: Session): void {
  Object.assign(session, { destroyed: true });
}

/**
 * The request that the library is working on. The adapters are called inside one alone where this
 * is asked without a check.
 *
 * @throws {Error} outside of the library's requests.
 */
export function requestAtHand(): KoaContextWithOIDC {
  const { ctx } = Provider;
  if (ctx === undefined) throw new Error('the library is working on no request');
  return ctx;
}

/** A client as its adapter hands it over: the library takes the metadata as it is. */
export function asPayload(metadata: ClientMetadata): AdapterPayload {
  return metadata as unknown as AdapterPayload;
}

/** @returns the metadata of ours on a client of the library (`extraClientMetadata`). */
export function ownMetadata<Own>(client: Client): Client & Own {
  return client as Client & Own;
}

/** What the library stores of an authorization request that waits for its user. */
export interface InteractionPayload {
  readonly params?: Record<string, unknown>;
  readonly prompt?: { readonly name: string; readonly reasons?: readonly string[] };
  readonly session?: { readonly accountId?: string };
  readonly result?: { readonly login?: { readonly accountId: string; readonly epoch: number } };
  /** The result of the interaction before, in the same request. */
  readonly lastSubmission?: Readonly<Record<string, unknown>>;
}

/** @returns the stored payload of an interaction, as the library and our pages wrote it. */
export function interactionOf(payload: Readonly<Record<string, unknown>>): InteractionPayload {
  return payload as InteractionPayload;
}

/** @returns the thumbprint (RFC 7638) of the key that a token is bound to. */
export function keyThumbprintOf(payload: AdapterPayload): string | undefined {
  return (payload as { jkt?: string }).jkt;
}
