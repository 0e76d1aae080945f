/**
 * Whether a request may go on.
 *
 *   token -> resource of the route -> question to Usher -> live? -> bound to a key? -> the route's check
 *     -> is the sign-in good enough?
 *
 * Every way that does not end in a grant ends in a refusal: there is no third outcome.
 *
 * @module
 */

import { checkProof } from './dpop-proof.ts';
import { ResourceServerError, type ResourceServerErrorCode } from './errors.ts';
import { isForAddress, type OwnAddress, protectionAt } from './own-address.ts';
import { type PresentedToken, readAuthorization } from './presented-token.ts';
import {
  insufficientSignIn,
  invalidProof,
  invalidToken,
  misconfigured,
  type Protection,
  type Refusal,
  tokenRequired,
  unavailable,
} from './refusals.ts';
import type { ReplayMemory } from './replay-memory.ts';
import { challengeOf, isSignInEnough, toSignIn } from './sign-in.ts';
import type { AnsweredResource, LiveToken, ResourceType } from './token-answer.ts';
import type { Usher } from './usher.ts';

/** A live token that may do on `resource` what the route requires. */
export interface GrantedToken extends LiveToken {
  readonly resource: AnsweredResource;
}

/** What is said about a request. */
export type Verdict =
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
  /** Answers 404 instead of 403 where nothing of the token holds on the resource or under it. */
  readonly hide?: boolean;
  /** How long ago the user may have signed in, in whole seconds from 1 on (RFC 9470). */
  readonly maxAge?: number;
  /** The class of the sign-in, or every class that will do, the one to ask for first (RFC 9470). */
  readonly acr?: string | readonly string[];
}

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
  readonly issuer: string;
  /** The public address of this server; undefined refuses every token that is bound to a key. */
  readonly address: OwnAddress | undefined;
  /** Whether a token must name this server (`aud`); else one that names none is taken, too. */
  readonly isNamedOnly?: boolean;
  readonly replays: ReplayMemory;
  readonly usher: Usher;
  /** Seconds since 1970. */
  now(): number;
  /** Told why a request was answered with 500 or 503. */
  onFailure(error: ResourceServerError): void;
}

/** What a route requires of a live token. */
export interface Requirement {
  /** What the route is about to do with it: scopes, separated by spaces, or `noAction`. */
  readonly action: string;
  /**
   * @param presented the token in clear.
   * @param protection what a challenge names.
   */
  check(token: LiveToken, presented: string, protection: Protection): Promise<Verdict> | Verdict;
}

/** Decides on a request; whatever `resource` throws is thrown. */
export type Guard<Route> = (request: GuardedRequest, route: Route) => Promise<Verdict>;

/**
 * @param scopes what a client without a token has to ask for.
 * @throws {TypeError} no function that names the resource is given, or `maxAge` or `acr` is malformed. */
export function createGuard<Route>(
  parts: GuardParts,
  options: GuardOptions<Route>,
  { action, check }: Requirement,
  scopes: readonly string[] = [],
): Guard<Route> {
  if (typeof options?.resource !== 'function') {
    throw new TypeError('a guard needs "resource": a function that names what the route touches');
  }
  const wanted = toSignIn(options);
  return async (request, route) => {
    const presented = readAuthorization(request.authorization);
    const protection = protectionAt(parts.address, request.path, parts.issuer);
    if (presented.kind !== 'token') return refused(withoutToken(protection, presented, scopes));
    const resource = await options.resource(route);
    try {
      const answer = await parts.usher.introspect(presented.token, resource, action);
      if (!answer.active || !isMeantFor(parts, request, answer)) {
        return refused(invalidToken(protection, presented.scheme, scopes));
      }
      const unbound = checkBinding(parts, protection, request, presented, answer);
      if (unbound !== undefined) return refused(unbound);
      const verdict = await check(answer, presented.token, protection);
      if (!verdict.ok || isSignInEnough(wanted, answer, parts.now())) return verdict;
      return refused(insufficientSignIn(protection, presented.scheme, challengeOf(wanted)));
    } catch (error) {
      if (!(error instanceof ResourceServerError)) throw error;
      parts.onFailure(error);
      return refused(ownFaults.has(error.code) ? misconfigured() : unavailable());
    }
  };
}

/** @returns the verdict that ends with this refusal. */
export function refused(refusal: Refusal): Verdict {
  return { ok: false, refusal };
}

/** Those that will not pass with time. */
const ownFaults: ReadonlySet<ResourceServerErrorCode> = new Set([
  'no_resource',
  'unknown_permission',
]);

type Presented = Extract<PresentedToken, { kind: 'token' }>;

/** Usher knows where the token is for, and not which of several resources the request has come to. */
function isMeantFor(
  { address, isNamedOnly = false }: GuardParts,
  { path }: GuardedRequest,
  token: LiveToken,
): boolean {
  if (isNamedOnly && token.aud === undefined) return false;
  return address === undefined || !address.isPerResource || isForAddress(token, address.at(path));
}

function withoutToken(
  protection: Protection,
  presented: Exclude<PresentedToken, Presented>,
  scopes: readonly string[],
): Refusal {
  return presented.kind === 'none'
    ? tokenRequired(protection, scopes)
    : invalidToken(protection, presented.scheme, scopes);
}

/** A token that is bound to a key counts only with that key; any other kind of binding never. */
function checkBinding(
  { address, replays, now }: GuardParts,
  protection: Protection,
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
  if (!isByKey || scheme !== 'DPoP' || address === undefined) {
    return invalidToken(protection, 'DPoP');
  }
  const url = new URL(address.origin + path);
  // A path such as /a/../b is another one for routes than for whoever reads it as an address.
  if (url.pathname !== path.replace(/[?#].*$/s, '')) return invalidProof(protection);
  const proofCheck = { proof, method, url, token, thumbprint, now: now(), memory: replays };
  const outcome = checkProof(proofCheck);
  if (outcome === 'full') {
    throw new ResourceServerError('replay_memory_full', 'too many DPoP proofs');
  }
  return outcome === 'valid' ? undefined : invalidProof(protection);
}
