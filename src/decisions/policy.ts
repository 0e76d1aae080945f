/**
 * What an organization's policy leaves to an application that asks for something there.
 *
 * Source: the domain's rules for third-party applications; users consent, organizations approve.
 *
 * @module
 */

import { allScopes, emptySet, type ScopeSet } from '../catalogue/scope-set.ts';
import type { Place } from './places.ts';

/** `approval_required`: an application of others gets nothing until it is approved. */
export type ApplicationPolicy = 'open' | 'approval_required';

/** An Organization Administrator's approval, with its ceilings; undefined is no ceiling. */
export interface Approval {
  readonly scopes: ScopeSet | undefined;
  /** Whether production branches may be reached. */
  readonly production: boolean;
  /** How old a grant may grow. */
  readonly maxGrantSeconds: number | undefined;
}

/** What is known about one application, one organization and one grant. */
export interface PolicyFacts {
  readonly policy: ApplicationPolicy;
  /** Whether the organization owns the application; its own need no approval. */
  readonly owned: boolean;
  /** The approval that stands now. */
  readonly approval: Approval | undefined;
  readonly grantAgeSeconds: number;
}

/** The most that a token may do in the organization. */
export interface PolicyCeiling {
  readonly scopes: ScopeSet;
  /** Whether production branches may be reached. */
  readonly production: boolean;
}

/** The policy leaves everything. */
export const noCeiling: PolicyCeiling = { scopes: allScopes, production: true };

const nothing: PolicyCeiling = { scopes: emptySet, production: false };

/** @returns what the policy leaves now: a withdrawn approval or an outgrown grant leaves nothing. */
export function policyCeiling(facts: PolicyFacts): PolicyCeiling {
  const { policy, owned, approval, grantAgeSeconds } = facts;
  if (policy === 'open' || owned) return noCeiling;
  if (approval === undefined) return nothing;
  if (grantAgeSeconds >= (approval.maxGrantSeconds ?? Number.POSITIVE_INFINITY)) return nothing;
  return { scopes: approval.scopes ?? allScopes, production: approval.production };
}

/** @returns what the ceiling leaves in a place. A person's own account is under no policy. */
export function scopesUnder(ceiling: PolicyCeiling, place: Place): ScopeSet {
  if (place === 'user') return allScopes;
  if (place === 'production' && !ceiling.production) return emptySet;
  return ceiling.scopes;
}
