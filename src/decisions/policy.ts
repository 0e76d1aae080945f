/**
 * What an organization's policy leaves to an application that asks for something there.
 *
 * Source: the domain's rules for third-party applications; users consent, organizations approve.
 *
 * @module
 */

import { allScopes, emptySet, type ScopeSet } from '../catalogue/scope-set.ts';
import type { TargetKind } from './target-kinds.ts';

/**
 * - `verified_only`: an application of others that no operator has verified gets nothing until it is
 *   approved.
 * - `approval_required`: an application of others gets nothing until it is approved.
 */
export const applicationPolicies = ['open', 'verified_only', 'approval_required'] as const;
export type ApplicationPolicy = (typeof applicationPolicies)[number];

/** @returns the policy of that name; undefined where there is none. */
export function toApplicationPolicy(name: string): ApplicationPolicy | undefined {
  return applicationPolicies.find((policy) => policy === name);
}

/** What an organization has set for applications of others. */
export interface PolicySettings {
  readonly policy: ApplicationPolicy;
  /** Those that nobody has verified reach no production branch without an approval that lets them. */
  readonly guardsProduction: boolean;
}

/** An Organization Administrator's approval, with its ceilings; undefined is no ceiling. */
export interface Approval {
  readonly scopes: ScopeSet | undefined;
  /** Whether production branches may be reached. */
  readonly production: boolean;
  /** How old a grant may grow. */
  readonly maxGrantSeconds: number | undefined;
}

/** What an application is to an organization. */
export interface ApplicationStatus {
  /** Whether the organization owns the application; its own need no approval. */
  readonly owned: boolean;
  /** Whether an operator has verified it. */
  readonly verified: boolean;
  /** Whether the organization keeps it out, be it its own. */
  readonly isShutOut: boolean;
  /** The present approval. */
  readonly approval: Approval | undefined;
}

/** What is known about one application, one organization and one grant. */
export interface PolicyFacts extends PolicySettings, ApplicationStatus {
  readonly grantAgeSeconds: number;
}

/** The most that a token may do in the organization. */
export interface PolicyCeiling {
  readonly scopes: ScopeSet;
  /** Whether production branches may be reached. */
  readonly production: boolean;
  /** The application is kept out: no approval would help. */
  readonly isShutOut?: true;
}

/** The policy leaves everything. */
export const noCeiling: PolicyCeiling = { scopes: allScopes, production: true };

const nothing: PolicyCeiling = { scopes: emptySet, production: false };
const shutOut: PolicyCeiling = { ...nothing, isShutOut: true };

/** @returns what the policy leaves now: a withdrawn approval or an outgrown grant leaves nothing. */
export function policyCeiling(facts: PolicyFacts): PolicyCeiling {
  if (facts.isShutOut) return shutOut;
  if (facts.owned) return noCeiling;
  if (needsApproval(facts)) return approvedCeiling(facts);
  const isGuarded = facts.guardsProduction && !facts.verified;
  return isGuarded ? { ...noCeiling, production: approvedCeiling(facts).production } : noCeiling;
}

/** Whether the policy gives an application nothing but what is approved. */
export function needsApproval({
  policy,
  owned,
  verified,
}: Pick<PolicyFacts, 'policy' | 'owned' | 'verified'>): boolean {
  if (owned) return false;
  return policy === 'approval_required' || (policy === 'verified_only' && !verified);
}

function approvedCeiling({ approval, grantAgeSeconds }: PolicyFacts): PolicyCeiling {
  if (approval === undefined) return nothing;
  if (grantAgeSeconds >= (approval.maxGrantSeconds ?? Number.POSITIVE_INFINITY)) return nothing;
  return { scopes: approval.scopes ?? allScopes, production: approval.production };
}

/** @returns what the ceiling leaves on a kind of resource. A person's own account is under no policy. */
export function scopesUnder(ceiling: PolicyCeiling, kind: TargetKind): ScopeSet {
  if (kind === 'user') return allScopes;
  if (kind === 'production' && !ceiling.production) return emptySet;
  return ceiling.scopes;
}
