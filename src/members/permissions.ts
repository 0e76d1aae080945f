/**
 * Who may do what: the permissions of each role, and those of a member where roles add up.
 *
 * Source: the published role tables, and for the cells they leave open the derivations that
 * `catalogue/permissions.ts` refers to.
 *
 * @module
 */

import { isSubset, union } from '../catalogue/name-set.ts';
import { type PermissionSet, permissionSet } from '../catalogue/permission-set.ts';
import {
  type DatabasePermissionId,
  databasePermissionIds,
  type OrganizationPermissionId,
  type PermissionId,
  permissionIds,
} from '../catalogue/permissions.ts';
import {
  type BaseRole,
  type DatabaseRole,
  databaseRoles,
  type OrganizationRole,
  type Role,
} from './roles.ts';

const belong: readonly OrganizationPermissionId[] = [
  'view_organization',
  'create_databases',
  'manage_service_tokens',
  'manage_service_token_grants',
  'view_organization_members',
];

const look: readonly DatabasePermissionId[] = [
  'view_database',
  'view_branches',
  'view_deploy_requests',
  'connect_development_read_only',
];

const develop: readonly DatabasePermissionId[] = [
  'create_branches',
  'delete_development_branches',
  'create_deploy_requests',
  'deploy_deploy_requests',
  'review_deploy_requests',
  'view_database_members',
  'view_query_statistics',
  'view_backups',
  'create_development_backups',
  'delete_development_backups',
  'restore_development_backups',
  'connect_development',
];

/** What an organization role gives on the organization and, for its administrators, everywhere. */
export const organizationRolePermissions: Readonly<
  Record<OrganizationRole, readonly PermissionId[]>
> = {
  organization_admin: permissionIds,
  organization_member: belong,
};

/** What a database role gives on its database. */
export const databaseRolePermissions: Readonly<
  Record<DatabaseRole, readonly DatabasePermissionId[]>
> = {
  database_admin: databasePermissionIds,
  database_developer: [...look, ...develop, 'connect_production_read_only'],
  database_reader: [...look, 'connect_production_read_only'],
};

/** What the organization's base role gives each member on each database. */
export const baseRolePermissions: Readonly<Record<BaseRole, readonly DatabasePermissionId[]>> = {
  none: [],
  reader: databaseRolePermissions.database_reader,
  developer: databaseRolePermissions.database_developer,
  member: [...look, ...develop],
};

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
const ofOrganizationMember = permissionSet(belong);
const ofBaseRole = mapValues(baseRolePermissions, permissionSet);
const ofDatabaseRole = mapValues(databaseRolePermissions, permissionSet);

/** What a member may do on the organization itself: the organization role alone decides. */
export function organizationPermissions(membership: Membership | undefined): PermissionSet {
  if (membership === undefined) return none;
  return membership.organizationRole === 'organization_admin' ? everything : ofOrganizationMember;
}

/**
 * What a member may do on one database and its branches: everything, for an Organization
 * Administrator; else the base role, the direct role and the teams' role together.
 */
export function databasePermissions(
  membership: Membership | undefined,
  { direct, team }: DatabaseRoles,
): PermissionSet {
  if (membership === undefined) return none;
  if (membership.organizationRole === 'organization_admin') return everything;
  const given = direct === undefined ? none : ofDatabaseRole[direct];
  const byTeam = team ? ofDatabaseRole.database_admin : none;
  return union(union(ofBaseRole[membership.baseRole], given), byTeam);
}

/**
 * The roles that hold all these permissions, least first: the smallest role to ask for.
 * Organization Member, which every member has, is not among them.
 */
export function rolesHolding(needed: PermissionSet): Role[] {
  const onDatabase = databaseRoles.filter((role) => isSubset(needed, ofDatabaseRole[role]));
  return [...onDatabase, 'organization_admin'];
}

function mapValues<Key extends string, From, To>(
  record: Readonly<Record<Key, From>>,
  change: (value: From) => To,
): Readonly<Record<Key, To>> {
  const entries = Object.entries<From>(record).map(([key, value]) => [key, change(value)]);
  return Object.fromEntries(entries) as Record<Key, To>;
}
