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
  isAdministratorRole,
  type OrganizationRole,
  type Role,
} from './roles.ts';

type Holdings = ReadonlyMap<string, readonly PermissionId[]>;

const { organization, database, base } = catalogue.files['roles.json'];

/** What an organization role gives on the organization itself. */
export const organizationRolePermissions: Holdings = new Map(
  byEveryName(organization, ({ id, permissions = [] }) =>
    id === administratorRole ? permissionIds : permissions,
  ),
);

/** What an organization role gives on every database of the organization. */
export const everywherePermissions: Holdings = new Map(
  byEveryName(organization, ({ id, onDatabases = [] }) =>
    id === administratorRole ? databasePermissionIds : onDatabases,
  ),
);

/** What a database role gives on its database. */
export const databaseRolePermissions: Holdings = new Map(
  byEveryName(database, ({ id, permissions = [] }) =>
    id === databaseAdministratorRole ? databasePermissionIds : permissions,
  ),
);

/** What the organization's base role gives each member on each database. */
export const baseRolePermissions: Holdings = new Map(
  byEveryName(base, ({ permissions }) => permissions),
);

/** A person's membership in an organization; a stranger or a suspended member has none. */
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

/** What hears of roles that the catalogue lacks, once each. */
let heard: (role: Role) => void = () => {};
const unknownRoles = new Set<Role>();
const mostUnknown = 1000;

/** Lets somebody hear of each role that is held and that the catalogue lacks, when it is first met. */
export function whenRoleIsUnknown(listener: (role: Role) => void): void {
  heard = listener;
}

const none = permissionSet([]);

/** What a role gives by a table; nothing, by one that is not in it. */
function given(table: ReadonlyMap<string, PermissionSet>, role: Role): PermissionSet {
  const set = table.get(role);
  if (set !== undefined) return set;
  if (!unknownRoles.has(role) && unknownRoles.size < mostUnknown) {
    unknownRoles.add(role);
    heard(role);
  }
  return none;
}

const everything = permissionSet(permissionIds);
const ofOrganizationRole = setsOf(organizationRolePermissions);
const everywhere = setsOf(everywherePermissions);
const ofBaseRole = setsOf(baseRolePermissions);
const ofDatabaseRole = setsOf(databaseRolePermissions);

/** What a member may do on the organization itself: the organization role alone decides. */
export function organizationPermissions(membership: Membership | undefined): PermissionSet {
  return membership === undefined ? none : given(ofOrganizationRole, membership.organizationRole);
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
  if (isAdministratorRole(organizationRole)) return everything;
  const directly = direct === undefined ? none : given(ofDatabaseRole, direct);
  const byTeam = team ? given(ofDatabaseRole, databaseAdministratorRole) : none;
  const byOrganization = union(given(everywhere, organizationRole), given(ofBaseRole, baseRole));
  return union(union(byOrganization, directly), byTeam);
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

/** Roles by the names that they have and had: whoever holds one by a former name holds it. */
function byEveryName<
  Row extends { readonly id: string; readonly formerly?: readonly string[] | undefined },
>(
  rows: readonly Row[],
  holdings: (row: Row) => readonly PermissionId[],
): [string, readonly PermissionId[]][] {
  return rows.flatMap((row) =>
    [row.id, ...(row.formerly ?? [])].map(
      (id) => [id, holdings(row)] as [string, readonly PermissionId[]],
    ),
  );
}

function setsOf(holdings: Holdings): ReadonlyMap<string, PermissionSet> {
  return new Map(Array.from(holdings, ([role, ids]) => [role, permissionSet(ids)]));
}
