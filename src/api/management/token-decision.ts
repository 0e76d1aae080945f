/**
 * What an access token may do at this API: Usher is a resource server of its own, and asks itself
 * what every other one asks, about the very resource of the request.
 *
 *     token -> one statement -> live? ours? -> the scopes that hold there now
 *
 * @module
 */

import {
  has,
  intersect,
  isEmpty,
  type ScopeSet,
  scopeSet,
  union,
} from '../../catalogue/scope-set.ts';
import type { ScopeName } from '../../catalogue/scopes.ts';
import { isOwnResource } from '../../clients/own-resource.ts';
import { effectiveScopes, scopesBelow } from '../../decisions/effective-scopes.ts';
import { countUseOf, type Use } from '../../introspection/uses-in-answer.ts';
import { forbidden, notFound, type RefusedError } from '../../organizations/refusals.ts';
import type { Db } from '../../storage/engine/database.ts';
import { findResourceFacts, type ResourceFacts } from '../../storage/facts/resource-facts.ts';
import type { ResourceReference } from '../../storage/tree/resource-lookup.ts';
import type { Presented } from './presented.ts';
import type { ProblemError } from './problems.ts';
import { deadToken, insufficientScope } from './refused-tokens.ts';

/** What an item of a list is. */
export interface ListedResource {
  readonly kind: 'organization' | 'database' | 'branch';
  readonly id: string;
}

/** Which items of a list the caller may see beside what their role shows them. */
export interface Reach {
  /** @returns the ids among these on which one of the scopes holds. */
  ofItems(
    items: readonly ListedResource[],
    scopes: readonly ScopeName[],
  ): Promise<ReadonlySet<string>>;
}

/** Of a caller without a token: the role alone decides. */
export const unlimited: Reach = {
  ofItems: async (items) => new Set(items.map(({ id }) => id)),
};

/** The person behind a token, the application that holds it, and how far it reaches. */
export interface TokenUse {
  readonly accountId: string;
  readonly clientId: string;
  readonly reach: Reach;
  /** Why it may not be used for this request, though it reaches the resource. */
  readonly refused: RefusedError | ProblemError | undefined;
}

/** A token as it is presented, and what resource this API is. */
export interface AskedToken extends Pick<Presented, 'tokenHash' | 'checkBinding'> {
  readonly issuer: string;
  /** Hears what the token is used for, where it may be. */
  readonly countUse?: ((use: Use) => void) | undefined;
}

/**
 * Decides whether a token may be used for a request.
 *
 * @param at the ids of the path; the resource asked about is the smallest of them.
 * @param scopes any of them is enough; none of them: it cannot be done by token.
 * @returns whose it is; `refused` with `forbidden` not_by_token, or with `insufficient-scope`: it
 *   reaches the resource, but not so far.
 * @throws {ProblemError} `unauthenticated`: the token is dead, not one for this API, or bound to a key
 *   whose possession was not proven.
 * @throws {RefusedError} `not_found`: the token does not reach the resource, or there is none.
 */
export async function useToken(
  db: Db,
  token: AskedToken,
  at: Readonly<Record<string, string>>,
  scopes: readonly ScopeName[],
): Promise<TokenUse> {
  const { tokenHash, checkBinding, issuer } = token;
  const resource = resourceOf(at);
  const tokenDigest = tokenHash.toString('latin1');
  const [found] = await findResourceFacts(db, [{ tokenDigest, asker: undefined, resource }]);
  const facts = found?.facts;
  if (facts === undefined || !isForUs(facts, issuer)) throw deadToken();
  await checkBinding(facts.keyThumbprint);
  const held = heldScopes(facts);
  if (held === undefined || (isEmpty(held) && resource.kind !== 'user')) throw notFound();
  const { accountId, clientId, keyThumbprint } = facts;
  const refused = refusalOf(held, scopes, keyThumbprint !== undefined);
  const { countUse } = token;
  if (refused === undefined && countUse)
    countUseOf(facts, intersect(scopeSet(scopes), held), countUse);
  return {
    accountId,
    clientId,
    refused,
    reach: { ofItems: (...asked) => reached(db, token, ...asked) },
  };
}

/** What a token is asked about: the smallest thing that the address names, else the person. */
function resourceOf(at: Readonly<Record<string, string>>): ResourceReference {
  const { branchId, databaseId, organizationId, teamId } = at;
  if (branchId !== undefined) return { kind: 'branch', id: branchId };
  if (databaseId !== undefined && teamId === undefined) return { kind: 'database', id: databaseId };
  if (organizationId !== undefined) return { kind: 'organization', id: organizationId };
  return { kind: 'user' };
}

function refusalOf(held: ScopeSet, scopes: readonly ScopeName[], isBound: boolean) {
  if (scopes.length === 0) return forbidden('not_by_token');
  return scopes.some((scope) => has(held, scope)) ? undefined : insufficientScope(scopes, isBound);
}

/** A token for another resource server is none here. */
function isForUs({ kind, audience }: ResourceFacts, issuer: string): boolean {
  const isOurs = audience === undefined || isOwnResource(issuer, audience);
  return kind === 'AccessToken' && isOurs;
}

/** The scopes that hold on the resource, and on something under it; undefined where there is none. */
function heldScopes({ target }: ResourceFacts): ScopeSet | undefined {
  if (target === undefined) return undefined;
  const here = effectiveScopes(target.use);
  return target.below === undefined ? here : union(here, scopesBelow(target.below));
}

async function reached(
  db: Db,
  token: AskedToken,
  items: Parameters<Reach['ofItems']>[0],
  scopes: readonly ScopeName[],
): Promise<ReadonlySet<string>> {
  if (items.length === 0) return new Set();
  const tokenDigest = token.tokenHash.toString('latin1');
  const questions = items.map((resource) => ({ tokenDigest, asker: undefined, resource }));
  const found = await findResourceFacts(db, questions);
  const seen = items.filter((_, at) => {
    const facts = found[at]?.facts;
    if (facts?.target === undefined) return false;
    const held = intersect(effectiveScopes(facts.target.use), scopeSet(scopes));
    if (isEmpty(held)) return false;
    if (token.countUse) countUseOf(facts, held, token.countUse);
    return true;
  });
  return new Set(seen.map(({ id }) => id));
}
