/**
 * Why a scope is refused, what is missing, and so the smallest thing that would help.
 *
 * @module
 */

import { isEmpty, without } from '../catalogue/name-set.ts';
import { permissionNames } from '../catalogue/permission-set.ts';
import type { PermissionId } from '../catalogue/permissions.ts';
import type { ResourceKind } from '../catalogue/scope-rule.ts';
import { has } from '../catalogue/scope-set.ts';
import { type Scope, type ScopeName, scopeOf } from '../catalogue/scopes.ts';
import { type DatabaseRoles, type Membership, rolesHolding } from '../members/permissions.ts';
import type { Role } from '../members/roles.ts';
import { leavesOut, reachesToken, restingScopes } from './consented-scopes.ts';
import type { UseFacts } from './effective-scopes.ts';
import { permissionsAt } from './permitted-scopes.ts';
import { type PolicyCeiling, scopesUnder } from './policy.ts';
import { kindOfTarget, requirement, type TargetKind } from './target-kinds.ts';

/** Why a scope does not hold on a kind of resource, whoever asks with whatever token. */
export type TargetRefusal =
  | { readonly reason: 'not_a_member' }
  /** The scope acts on another kind of resource. */
  | { readonly reason: 'acts_elsewhere'; readonly actsOn: ResourceKind }
  /** By the catalogue the scope leaves such branches alone, or the organization's policy does. */
  | { readonly reason: 'production_excluded'; readonly by: 'catalogue' | 'policy' }
  | { readonly reason: 'development_excluded' }
  /** The application is not approved, or it is kept out: then no approval would help. */
  | { readonly reason: 'organization_policy'; readonly isShutOut?: true }
  | {
      readonly reason: 'role_insufficient';
      readonly missing: readonly PermissionId[];
      /** The roles that would give what is missing, least first. */
      readonly roles: readonly Role[];
    };

/** Why a token does not have a scope on a resource. */
export type UseRefusal =
  | TargetRefusal
  /** The token was issued without it, or the client is no longer registered for it. */
  | { readonly reason: 'scope_missing'; readonly from: 'token' | 'registration' }
  /** No entry for this resource or one above it carries the scope. */
  | { readonly reason: 'not_in_grant' }
  /** An entry carries it, made after the token was issued: a new token would have it. */
  | { readonly reason: 'consented_after_issue' }
  /** The user agreed to it without production branches. */
  | { readonly reason: 'production_excluded'; readonly by: 'consent' }
  /** The branch has become of the other kind since the user agreed, or the entry is too old. */
  | { readonly reason: 'rests_until_consented_again' };

/** What decides about one resource, but for consent and token. */
export interface TargetFacts {
  readonly membership: Membership | undefined;
  readonly databaseRoles: DatabaseRoles;
  readonly policy: PolicyCeiling;
}

/** @returns why a token lacks the scope on the target now; undefined when it has it. */
export function explainUse(name: ScopeName, facts: UseFacts): UseRefusal | undefined {
  const { token, target } = facts;
  const scope = scopeOf(name);
  if (scope.actsOn !== target.type) return { reason: 'acts_elsewhere', actsOn: scope.actsOn };
  if (!has(token.issued, name)) return { reason: 'scope_missing', from: 'token' };
  if (!has(token.registered, name)) return { reason: 'scope_missing', from: 'registration' };
  return explainConsent(scope, facts) ?? explainTarget(name, kindOfTarget(target), facts);
}

/** @returns why the scope does not hold on such a resource, by roles and policy; undefined when it does. */
export function explainTarget(
  name: ScopeName,
  kind: TargetKind,
  { membership, databaseRoles, policy }: TargetFacts,
): TargetRefusal | undefined {
  const scope = scopeOf(name);
  const needed = requirement(scope, kind);
  if (needed === null) return unreachable(scope, kind);
  if (kind === 'user') return undefined;
  if (membership === undefined) return { reason: 'not_a_member' };

  const missing = without(needed, permissionsAt(kind, membership, databaseRoles));
  if (!isEmpty(missing)) {
    const roles = rolesHolding(missing);
    return { reason: 'role_insufficient', missing: permissionNames(missing), roles };
  }
  if (policy.isShutOut) return { reason: 'organization_policy', isShutOut: true };
  if (has(scopesUnder(policy, kind), name)) return undefined;
  const onlyThere = kind === 'production' && has(policy.scopes, name);
  return onlyThere
    ? { reason: 'production_excluded', by: 'policy' }
    : { reason: 'organization_policy' };
}

function unreachable({ actsOn }: Scope, kind: TargetKind): TargetRefusal {
  if (actsOn === 'branch' && kind === 'production') {
    return { reason: 'production_excluded', by: 'catalogue' };
  }
  if (actsOn === 'branch' && kind === 'development') return { reason: 'development_excluded' };
  return { reason: 'acts_elsewhere', actsOn };
}

function explainConsent(
  scope: Scope,
  { token, entries, target }: UseFacts,
): UseRefusal | undefined {
  const { scope: name, level } = scope;
  const kind = kindOfTarget(target);
  const carrying = entries.filter((entry) => entry.level === level && has(entry.scopes, name));
  if (carrying.length === 0) return { reason: 'not_in_grant' };

  const counting = carrying.filter((entry) => reachesToken(entry, token.consentVersion));
  if (counting.length === 0) return { reason: 'consented_after_issue' };

  const included = counting.filter((entry) => !leavesOut(entry, kind));
  if (included.length === 0) {
    const isReachable = requirement(scope, kind) !== null;
    return isReachable ? { reason: 'production_excluded', by: 'consent' } : undefined;
  }
  const awake = included.some(
    (entry) => entry.rests !== true && !has(restingScopes(entry, kind), name),
  );
  return awake ? undefined : { reason: 'rests_until_consented_again' };
}
