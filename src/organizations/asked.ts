/**
 * What can be asked about a person and a resource: one permission of a role, one scope of applications, or
 * whether they reach production branches at all.
 *
 * The answer is that of `decisions/explain.ts`, which introspection's refusals come from; here is only
 * which of its questions are meant.
 *
 * @module
 */

import { isSubset } from '../catalogue/name-set.ts';
import { type PermissionSet, permissionNames, permissionSet } from '../catalogue/permission-set.ts';
import { type PermissionId, permissions } from '../catalogue/permissions.ts';
import { type Scope, type ScopeName, scopeNames, scopeOf, scopes } from '../catalogue/scopes.ts';
import { explainTarget, type TargetRefusal } from '../decisions/explain.ts';
import { nearestRefusal } from '../decisions/grantable-scopes.ts';
import { permissionsAt } from '../decisions/permitted-scopes.ts';
import { noCeiling } from '../decisions/policy.ts';
import { requirement, type TargetKind } from '../decisions/target-kinds.ts';
import { type DatabaseRoles, type Membership, rolesHolding } from '../members/permissions.ts';

/** What is asked. */
export type Asked =
  | { readonly kind: 'permission'; readonly permission: PermissionId }
  /** Whether an application that the person lets in with it could use it there. */
  | { readonly kind: 'scope'; readonly scope: ScopeName }
  /** Whether anything but looking can be done on production branches. */
  | { readonly kind: 'production' };

/** A person's roles where it is asked about. */
export interface AskedFacts {
  /** Undefined for a suspended member. */
  readonly membership: Membership | undefined;
  readonly databaseRoles: DatabaseRoles;
}

/** @returns what a parameter asks, `production`, a permission's id or a scope's name; undefined: none. */
export function readAsked(text: string): Asked | undefined {
  if (text === 'production') return { kind: 'production' };
  const permission = permissions.find(({ id }) => id === text)?.id;
  if (permission !== undefined) return { kind: 'permission', permission };
  const scope = scopeNames.find((name) => name === text);
  return scope && { kind: 'scope', scope };
}

/** @returns the parameter that `readAsked` reads. */
export function printAsked(asked: Asked): string {
  if (asked.kind === 'production') return 'production';
  return asked.kind === 'scope' ? asked.scope : asked.permission;
}

/** The scopes that do more on production branches than to look. */
const productionScopes: readonly Scope[] = scopes.filter(
  (scope) => scope.effect !== 'see' && requirement(scope, 'production') !== null,
);

/** @returns why it cannot be done on a resource of that kind; undefined where it can. */
export function refusalOf(
  asked: Asked,
  kind: TargetKind,
  facts: AskedFacts,
): TargetRefusal | undefined {
  if (asked.kind === 'permission') return explainPermission(asked.permission, kind, facts);
  if (asked.kind === 'scope') return explainTarget(asked.scope, kind, { ...facts, policy });
  const answers = productionScopes.map(({ scope }) =>
    explainTarget(scope, 'production', { ...facts, policy }),
  );
  return answers.includes(undefined)
    ? undefined
    : nearestRefusal(answers.flatMap((one) => one ?? []));
}

/** What an organization lets applications do is no matter of its members' roles. */
const policy = noCeiling;

function explainPermission(
  permission: PermissionId,
  kind: TargetKind,
  { membership, databaseRoles }: AskedFacts,
): TargetRefusal | undefined {
  const on = permissions.find(({ id }) => id === permission)?.on ?? 'organization';
  const isOnOrganization = kind === 'organization';
  if ((on === 'organization') !== isOnOrganization) return { reason: 'acts_elsewhere', actsOn: on };
  if (membership === undefined) return { reason: 'not_a_member' };
  const needed = permissionSet([permission]);
  if (isSubset(needed, permissionsAt(kind, membership, databaseRoles))) return undefined;
  const [missing, roles] = [permissionNames(needed), rolesHolding(needed)];
  return { reason: 'role_insufficient', missing, roles };
}

/** @returns sets of permissions, each of which is enough on a resource of that kind; none: nobody can. */
export function needsOf(asked: Asked, kind: TargetKind): PermissionSet[] {
  if (asked.kind === 'permission') return [permissionSet([asked.permission])];
  const [of, at] =
    asked.kind === 'scope'
      ? [[scopeOf(asked.scope)], kind]
      : [productionScopes, 'production' as const];
  return of.flatMap((scope) => requirement(scope, at) ?? []);
}

/**
 * @returns what can be asked on a kind of resource, in catalogue order: on a branch, where a permission
 *   does not say which kind of branch it is about, the scopes.
 */
export function askableAt(kind: TargetKind): Asked[] {
  if (kind === 'organization' || kind === 'database') {
    return permissions
      .filter(({ on }) => on === kind)
      .map(({ id }) => ({ kind: 'permission', permission: id }));
  }
  const seen = new Set<string>();
  const onBranches = scopes.filter((scope) => {
    const isNew = scope.actsOn === 'branch' && !seen.has(wordsKey(scope));
    seen.add(wordsKey(scope));
    return isNew && requirement(scope, kind) !== null;
  });
  return onBranches.map(({ scope }) => ({ kind: 'scope', scope }));
}

/** Scopes of several levels that mean the same on a branch. */
function wordsKey({ name, requires }: Scope): string {
  return JSON.stringify([name, requires]);
}
