/**
 * Who may do what: the permissions of each role, and those of a member where roles add up.
 *
 * A stored role that the catalogue does not have (any more) gives nothing.
 *
 * @module
 */

import { catalogue } from '../catalogue/catalogue.ts';
import { isSubset, union } from '../catalogue/name-set.ts';
import { type PermissionSet, permissionSet } from '../catalogue/permission-set.ts';
import {
  databasePermissionIds,
  type PermissionId,
  permissionIds,
} from '../catalogue/permissions.ts';
import {
  administratorRole,
  type BaseRole,
  type DatabaseRole,
  databaseAdministratorRole,
  databaseRoles,
  type OrganizationRole,
  type Role,
} from './roles.ts';

type Holdings = ReadonlyMap<string, readonly PermissionId[]>;

const { organization, database, base } = catalogue.files['roles.json'];
const ofDatabaseAdministrator = { [databaseAdministratorRole]: databasePermissionIds };

/** What an organization role gives on the organization itself. */
export const organizationRolePermissions: Holdings = new Map(
  organization.map(({ id, permissions = [] }) => [
    id,
    id === administratorRole ? permissionIds : permissions,
  ]),
);

/** What an organization role gives on every database of the organization. */
export const everywherePermissions: Holdings = new Map(
  organization.map(({ id, onDatabases = [] }) => [
    id,
    id === administratorRole ? databasePermissionIds : onDatabases,
  ]),
);

/** What a database role gives on its database. */
export const databaseRolePermissions: Holdings = new Map(
  database.map(({ id, permissions = [] }) => [id, ofDatabaseAdministrator[id] ?? permissions]),
);

/** What the organization's base role gives each member on each database. */
export const baseRolePermissions: Holdings = new Map(
  base.map(({ id, permissions }) => [id, permissions]),
);

/** A member's place in an organization; a stranger or a suspended member has none. */
export interface Membership {
  readonly organizationRole: OrganizationRole;
  /** The organization's base database role. */
  readonly baseRole: BaseRole;
}

/** The roles that a member was given on one database. */
export interface DatabaseRoles {
  readonly direct: DatabaseRole | undefined;
  /** Whether a team of the member's administers the database. */
  readonly team: boolean;
}

/** No role on a database. */
export const noDatabaseRoles: DatabaseRoles = { direct: undefined, team: false };

const none = permissionSet([]);
const everything = permissionSet(permissionIds);
const ofOrganizationRole = setsOf(organizationRolePermissions);
const everywhere = setsOf(everywherePermissions);
const ofBaseRole = setsOf(baseRolePermissions);
const ofDatabaseRole = setsOf(databaseRolePermissions);

/** What a member may do on the organization itself: the organization role alone decides. */
export function organizationPermissions(membership: Membership | undefined): PermissionSet {
  return membership === undefined
    ? none
    : (ofOrganizationRole.get(membership.organizationRole) ?? none);
}

/**
 * What a member may do on one database and its branches: everything, for an administrator of the
 * organization; else what the organization role gives on every database, the base role, the direct
 * role and the teams' role together.
 */
export function databasePermissions(
  membership: Membership | undefined,
  { direct, team }: DatabaseRoles,
): PermissionSet {
  if (membership === undefined) return none;
  const { organizationRole, baseRole } = membership;
  if (organizationRole === administratorRole) return everything;
  const given = direct === undefined ? none : (ofDatabaseRole.get(direct) ?? none);
  const byTeam = team ? (ofDatabaseRole.get(databaseAdministratorRole) ?? none) : none;
  const byPlace = union(everywhere.get(organizationRole) ?? none, ofBaseRole.get(baseRole) ?? none);
  return union(union(byPlace, given), byTeam);
}

/**
 * The roles that hold all these permissions, least first: the smallest role to ask for. The role that
 * everybody joins with, which every member has, is not among them.
 */
export function rolesHolding(needed: PermissionSet): Role[] {
  const holds = (role: Role) => isSubset(needed, ofDatabaseRole.get(role) ?? none);
  return [...databaseRoles.filter(holds), administratorRole];
}

/** @returns the roles that hold a permission on databases, by how they are given. */
export function holdersOf(permission: PermissionId) {
  const holding = (holdings: Holdings) =>
    Array.from(holdings, ([role, ids]) => (ids.includes(permission) ? [role] : [])).flat();
  return {
    everywhere: holding(everywherePermissions),
    base: holding(baseRolePermissions),
    direct: holding(databaseRolePermissions),
  };
}

function setsOf(holdings: Holdings): ReadonlyMap<string, PermissionSet> {
  return new Map(Array.from(holdings, ([role, ids]) => [role, permissionSet(ids)]));
}
