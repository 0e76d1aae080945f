/**
 * Where a scope can be used: on the account, on an organization, on a database, or on a branch of
 * either kind; and what each scope requires there.
 *
 * @module
 */

import { type PermissionSet, permissionSet } from '../catalogue/permission-set.ts';
import { emptySet, type ScopeSet, scopeSet, union } from '../catalogue/scope-set.ts';
import { type Scope, scopes } from '../catalogue/scopes.ts';

/** The resource that a token is about to touch; a branch by its production flag now. */
export type Target =
  | { readonly type: 'user' }
  | { readonly type: 'organization' }
  | { readonly type: 'database' }
  | { readonly type: 'branch'; readonly production: boolean };

/** A kind of resource, where the two kinds of branch are told apart. */
export type Place = 'user' | 'organization' | 'database' | BranchKind;

/** The kinds of branch. */
export const branchKinds = ['development', 'production'] as const;

/** The kind of a branch, by its production flag. */
export type BranchKind = (typeof branchKinds)[number];

/** The place that a target is. */
export function placeOf(target: Target): Place {
  return target.type === 'branch' ? branchKind(target.production) : target.type;
}

/** The kind of a branch by its production flag. */
export function branchKind(production: boolean): BranchKind {
  return production ? 'production' : 'development';
}

/**
 * What a scope requires in a place: null where it never reaches, be it another kind of resource or
 * the kind of branch that it leaves alone.
 */
export function requirement(scope: Scope, place: Place): PermissionSet | null {
  if (scope.actsOn !== 'branch')
    return scope.actsOn === place ? permissionSet(scope.requires) : null;
  if (place !== 'development' && place !== 'production') return null;
  const required = scope.requires[place];
  return required && permissionSet(required);
}

/** The scopes whose rule differs between the kinds of branch. */
export const kindSensitiveScopes: ScopeSet = scopes
  .filter((scope) => requirement(scope, 'development') !== requirement(scope, 'production'))
  .reduce((set, { scope }) => union(set, scopeSet([scope])), emptySet);
