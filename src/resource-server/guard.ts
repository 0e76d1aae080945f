/**
 * Whether a request may go on.
 *
 *   token -> resource of the route -> question to Usher -> live? -> bound to a key? -> scopes
 *
 * Every way that does not end in a grant ends in a refusal: there is no third outcome.
 *
 * @module
 */

import { checkProof } from './dpop-proof.ts';
import { ResourceServerError } from './errors.ts';
import { type PresentedToken, readAuthorization } from './presented-token.ts';
import {
  insufficientScope,
  invalidProof,
  invalidToken,
  misconfigured,
  notFound,
  type Protection,
  type Refusal,
  tokenRequired,
  unavailable,
} from './refusals.ts';
import type { ReplayMemory } from './replay-memory.ts';
import { missingScopes, type ScopeRequirement } from './requirement.ts';
import type { AnsweredResource, LiveToken, ResourceType, TokenAnswer } from './token-answer.ts';

/** A live token that may do on `resource` what the route requires. */
export interface GrantedToken extends LiveToken {
  readonly resource: AnsweredResource;
}

/** What a guard says about a request. */
type Verdict =
  | { readonly ok: true; readonly token: GrantedToken }
  | { readonly ok: false; readonly refusal: Refusal };

/** How a route is guarded; `Route` is what its resource is read from. */
export interface GuardOptions<Route> {
  /**
   * Names what the route touches: an id (`br_...`), a slug path
   * (`organizations/acme/databases/shop`) or `user`. Without a name the request is refused.
   */
  readonly resource: (route: Route) => string | undefined | Promise<string | undefined>;
  /** The kind of resource that the route is about; any other is refused. */
  readonly type?: ResourceType;
  /** For lists and creation: the scopes have to hold on something under the resource. */
  readonly below?: boolean;
  /** Answers 404 instead of 403 where the token does not reach the resource at all. */
  readonly hide?: boolean;
}

type Presented = Extract<PresentedToken, { kind: 'token' }>;

/** The part of a request that decides. */
interface GuardedRequest {
  /** Several headers of one name are joined by commas. */
  readonly authorization: string | undefined;
  readonly proof: string | undefined;
  readonly method: string;
  /** The path that the client asked for, with the slash. */
  readonly path: string;
}

/** What a guard relies on. */
export interface GuardParts {
  readonly protection: Protection;
  /** The public origin of this server; undefined refuses every token that is bound to a key. */
  readonly origin: string | undefined;
  readonly replays: ReplayMemory;
  /** Seconds since 1970. */
  now(): number;
  /** Throws a ResourceServerError when there is no answer. */
  introspect(token: string, resource: string | undefined): Promise<TokenAnswer>;
  /** Told why a request was answered with 500 or 503. */
  onFailure(error: ResourceServerError): void;
}

/** Decides on a request; whatever `resource` throws is thrown. */
export type Guard<Route> = (request: GuardedRequest, route: Route) => Promise<Verdict>;

/** @throws {TypeError} no function that names the resource is given. */
export function createGuard<Route>(
  parts: GuardParts,
  requirement: ScopeRequirement,
  options: GuardOptions<Route>,
): Guard<Route> {
  if (typeof options?.resource !== 'function') {
    throw new TypeError('a guard needs "resource": a function that names what the route touches');
  }
  const { protection } = parts;
  return async (request, route) => {
    const presented = readAuthorization(request.authorization);
    if (presented.kind === 'none') return refused(tokenRequired(protection));
    const { scheme } = presented;
    if (presented.kind === 'malformed') return refused(invalidToken(protection, scheme));

    const asked = await ask(parts, presented.token, await options.resource(route));
    if ('refusal' in asked) return refused(asked.refusal);
    if (!asked.answer.active) return refused(invalidToken(protection, scheme));
    const unbound = checkBinding(parts, request, presented, asked.answer);
    if (unbound !== undefined) return refused(unbound);
    return checkScopes(protection, requirement, options, asked.answer);
  };
}

type Asked = { readonly answer: TokenAnswer } | { readonly refusal: Refusal };

async function ask(
  { introspect, onFailure }: GuardParts,
  token: string,
  resource: string | undefined,
): Promise<Asked> {
  try {
    return { answer: await introspect(token, resource) };
  } catch (error) {
    if (!(error instanceof ResourceServerError)) throw error;
    onFailure(error);
    return { refusal: error.code === 'no_resource' ? misconfigured() : unavailable() };
  }
}

/** A token that is bound to a key counts only with that key; any other kind of binding never. */
function checkBinding(
  { protection, origin, replays, now, onFailure }: GuardParts,
  { method, path, proof }: GuardedRequest,
  { scheme, token }: Presented,
  answer: LiveToken,
): Refusal | undefined {
  if (answer.cnf === undefined) {
    const isBearer = scheme === 'Bearer' && answer.token_type === 'Bearer';
    return isBearer ? undefined : invalidToken(protection, scheme);
  }
  const { jkt: thumbprint, ...others } = answer.cnf;
  const isByKey = typeof thumbprint === 'string' && Object.keys(others).length === 0;
  if (!isByKey || scheme !== 'DPoP' || origin === undefined) {
    return invalidToken(protection, 'DPoP');
  }
  const url = new URL(origin + path);
  const request = { proof, method, url, token, thumbprint };
  switch (checkProof({ ...request, now: now(), memory: replays })) {
    case 'valid':
      return undefined;
    case 'invalid':
      return invalidProof(protection);
    case 'full':
      onFailure(new ResourceServerError('replay_memory_full', 'too many DPoP proofs'));
      return unavailable();
  }
}

function checkScopes<Route>(
  protection: Protection,
  requirement: ScopeRequirement,
  { type, below: isBelow, hide }: GuardOptions<Route>,
  token: LiveToken,
): Verdict {
  const { resource } = token;
  const isReached = resource !== undefined && (type === undefined || resource.type === type);
  const here = isReached && token.scope !== undefined ? token.scope.split(' ') : [];
  const below = isReached ? (token.below ?? []) : [];
  const missing = missingScopes(requirement, isBelow ? below : here);
  if (isReached && missing.length === 0) return { ok: true, token: { ...token, resource } };
  if (hide && here.length === 0 && below.length === 0) return refused(notFound());
  return refused(insufficientScope(protection, token.token_type, missing));
}

function refused(refusal: Refusal): Verdict {
  return { ok: false, refusal };
}
