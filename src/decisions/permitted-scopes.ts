/**
 * What the member's roles permit: whatever was consented to, a token never exceeds the member
 * behind it.
 *
 * @module
 */

import { isSubset } from '../catalogue/name-set.ts';
import type { PermissionSet } from '../catalogue/permission-set.ts';
import { type ScopeSet, scopeSet } from '../catalogue/scope-set.ts';
import { scopes } from '../catalogue/scopes.ts';
import {
  type DatabaseRoles,
  databasePermissions,
  type Membership,
  organizationPermissions,
} from '../members/permissions.ts';
import { requirement, type TargetKind } from './target-kinds.ts';

/** @returns the member's permissions on a kind of resource; on the account itself none is ever required. */
export function permissionsAt(
  kind: TargetKind,
  membership: Membership | undefined,
  databaseRoles: DatabaseRoles,
): PermissionSet {
  const aboveDatabases = kind === 'user' || kind === 'organization';
  return aboveDatabases
    ? organizationPermissions(membership)
    : databasePermissions(membership, databaseRoles);
}

/** @returns the scopes that these permissions are enough for, on a kind of resource. */
export function permittedScopes(kind: TargetKind, held: PermissionSet): ScopeSet {
  const known = permitted[kind].get(held);
  if (known !== undefined) return known;
  const enough = scopes.filter((scope) => {
    const needed = requirement(scope, kind);
    return needed !== null && isSubset(needed, held);
  });
  const set = scopeSet(enough.map(({ scope }) => scope));
  permitted[kind].set(held, set);
  return set;
}

/** Follows from the catalogue alone; roles add up to about a dozen sets of permissions. */
const permitted: Readonly<Record<TargetKind, Map<PermissionSet, ScopeSet>>> = {
  user: new Map(),
  organization: new Map(),
  database: new Map(),
  development: new Map(),
  production: new Map(),
};
