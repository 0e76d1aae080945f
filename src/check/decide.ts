/**
 * The decision on one evaluation, from facts that were read together.
 *
 * A permission is held by a token where one of its scopes that require this permission holds there
 * now; by a user where a role gives it.
 *
 * @module
 */

import { isSubset } from '../catalogue/name-set.ts';
import { permissionNames, permissionSet } from '../catalogue/permission-set.ts';
import type { PermissionId } from '../catalogue/permissions.ts';
import { levels } from '../catalogue/scope-rule.ts';
import { has, intersect, type ScopeSet, scopeSet } from '../catalogue/scope-set.ts';
import { type ScopeName, scopes } from '../catalogue/scopes.ts';
import { effectiveScopes, type UseFacts } from '../decisions/effective-scopes.ts';
import { explainTarget, explainUse, type UseRefusal } from '../decisions/explain.ts';
import { permissionsAt } from '../decisions/permitted-scopes.ts';
import { noCeiling } from '../decisions/policy.ts';
import {
  kindOfTarget,
  requirement,
  type Target,
  type TargetKind,
} from '../decisions/target-kinds.ts';
import { rolesHolding } from '../members/permissions.ts';
import type { UserFacts } from '../storage/facts/user-facts.ts';
import { type Denial, denialOf } from './denial.ts';
import type { Action } from './evaluation-request.ts';

/** @returns why a token is denied the action on the resource of these facts; undefined permits. */
export function denyToken(action: Action, use: UseFacts): Denial | undefined {
  if (action.type === 'scope') return denyScope(action.scope, use);
  const enabling = scopesRequiring(action.permission, kindOfTarget(use.target));
  const effective = effectiveScopes(use);
  if (enabling.some((scope) => has(effective, scope))) return undefined;
  return nearest(enabling, use) ?? { reason: 'scope_missing' };
}

/** @returns the scopes by which a token that is permitted the action has it. */
export function scopesPermitting(action: Action, use: UseFacts): ScopeSet {
  if (action.type === 'scope') return scopeSet([action.scope]);
  return intersect(
    scopeSet(scopesRequiring(action.permission, kindOfTarget(use.target))),
    effectiveScopes(use),
  );
}

function denyScope(scope: ScopeName, use: UseFacts): Denial | undefined {
  const refusal = explainUse(scope, use);
  return refusal && denialOf(scope, refusal);
}

/** @returns why a user's roles do not give the action; undefined permits. */
export function denyUser(action: Action, facts: UserFacts): Denial | undefined {
  const { membership, databaseRoles, resource } = facts;
  const target: Target =
    resource.type === 'branch'
      ? { type: 'branch', production: resource.production === true }
      : { type: resource.type };
  const kind = kindOfTarget(target);
  if (action.type === 'scope') {
    const refusal = explainTarget(action.scope, kind, { ...facts, policy: noCeiling });
    return refusal && denialOf(action.scope, refusal);
  }
  if (membership === undefined) return { reason: 'role_insufficient' };
  const needed = permissionSet([action.permission]);
  if (isSubset(needed, permissionsAt(kind, membership, databaseRoles))) return undefined;
  return { reason: 'role_insufficient', fix: { roles: rolesHolding(needed) } };
}

/** Narrowest first, so that the smallest fix is named. Follows from the catalogue alone. */
const requiring = new Map<string, readonly ScopeName[]>();

function scopesRequiring(permission: PermissionId, kind: TargetKind): readonly ScopeName[] {
  const key = `${kind} ${permission}`;
  const known = requiring.get(key);
  if (known !== undefined) return known;
  const found = scopes
    .filter((scope) => {
      const needed = requirement(scope, kind);
      return needed !== null && permissionNames(needed).includes(permission);
    })
    .toSorted((a, b) => levels.indexOf(b.level) - levels.indexOf(a.level))
    .map(({ scope }) => scope);
  requiring.set(key, found);
  return found;
}

/** How near a refusal is to a permission: the later in the list, the less is missing. */
const nearness: readonly UseRefusal['reason'][] = [
  'acts_elsewhere',
  'development_excluded',
  'scope_missing',
  'not_in_grant',
  'consented_after_issue',
  'rests_until_consented_again',
  'not_a_member',
  'role_insufficient',
  'production_excluded',
  'organization_policy',
];

function nearest(candidates: readonly ScopeName[], use: UseFacts): Denial | undefined {
  const [first] = candidates
    .flatMap((scope) => {
      const refusal = explainUse(scope, use);
      return refusal === undefined ? [] : [{ scope, refusal }];
    })
    .toSorted((a, b) => rank(b.refusal) - rank(a.refusal));
  return first && denialOf(first.scope, first.refusal);
}

function rank({ reason }: UseRefusal): number {
  return nearness.indexOf(reason);
}
