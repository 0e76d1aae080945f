/**
 * Where a scope can be used: on the account, on an organization, on a database, or on a branch of
 * either kind; and what each scope requires there.
 *
 * @module
 */

import { type PermissionSet, permissionSet } from '../catalogue/permission-set.ts';
import type { Level } from '../catalogue/scope-rule.ts';
import { emptySet, type ScopeSet, scopeSet, union } from '../catalogue/scope-set.ts';
import { type Scope, scopes } from '../catalogue/scopes.ts';

/** The resource that a token is about to touch; a branch by its production flag now. */
export type Target =
  | { readonly type: 'user' }
  | { readonly type: 'organization' }
  | { readonly type: 'database' }
  | { readonly type: 'branch'; readonly production: boolean };

/** A kind of resource, with the two kinds of branch apart. */
export type TargetKind = 'user' | 'organization' | 'database' | BranchKind;

/** All of them. */
export const targetKinds: readonly TargetKind[] = [
  'user',
  'organization',
  'database',
  'development',
  'production',
];

/** The kinds of branch. */
export const branchKinds = ['development', 'production'] as const;

/** The kind of a branch, by its production flag. */
export type BranchKind = (typeof branchKinds)[number];

/** The kind of a target. */
export function kindOfTarget(target: Target): TargetKind {
  return target.type === 'branch' ? branchKind(target.production) : target.type;
}

/** A target of that kind. */
export function targetOf(kind: TargetKind): Target {
  return kind === 'production' || kind === 'development'
    ? { type: 'branch', production: kind === 'production' }
    : { type: kind };
}

/** The kind of a branch by its production flag. */
export function branchKind(production: boolean): BranchKind {
  return production ? 'production' : 'development';
}

/**
 * What a scope requires of a kind of target: null where it never reaches, be it another kind of resource or
 * the kind of branch that it leaves alone.
 */
export function requirement(scope: Scope, kind: TargetKind): PermissionSet | null {
  if (scope.actsOn !== 'branch')
    return scope.actsOn === kind ? permissionSet(scope.requires) : null;
  if (kind !== 'development' && kind !== 'production') return null;
  const required = scope.requires[kind];
  return required && permissionSet(required);
}

/** The scopes of each level that can reach a kind of target at all, whoever holds them. */
export const scopesReaching: Readonly<Record<Level, Readonly<Record<TargetKind, ScopeSet>>>> = {
  user: reachingFrom('user'),
  organization: reachingFrom('organization'),
  database: reachingFrom('database'),
  branch: reachingFrom('branch'),
};

function reachingFrom(level: Level): Record<TargetKind, ScopeSet> {
  const at = (kind: TargetKind) =>
    scopeSet(
      scopes
        .filter((scope) => scope.level === level && requirement(scope, kind) !== null)
        .map(({ scope }) => scope),
    );
  return {
    user: at('user'),
    organization: at('organization'),
    database: at('database'),
    development: at('development'),
    production: at('production'),
  };
}

/** The scopes that can act on something else than production branches. */
export const scopesBesideProduction: ScopeSet = scopes
  .filter((scope) => scope.actsOn !== 'branch' || requirement(scope, 'development') !== null)
  .reduce((set, { scope }) => union(set, scopeSet([scope])), emptySet);

/** The scopes whose rule differs between the kinds of branch. */
export const kindSensitiveScopes: ScopeSet = scopes
  .filter((scope) => requirement(scope, 'development') !== requirement(scope, 'production'))
  .reduce((set, { scope }) => union(set, scopeSet([scope])), emptySet);
