/**
 * Who may give which role: nobody gives what they do not hold themselves, and only an administrator of
 * the organization makes another one.
 *
 * @module
 */

import { isSubset } from '../catalogue/name-set.ts';
import { type PermissionSet, permissionSet } from '../catalogue/permission-set.ts';
import {
  databasePermissions,
  databaseRolePermissions,
  everywherePermissions,
  type Membership,
  noDatabaseRoles,
  organizationPermissions,
  organizationRolePermissions,
} from './permissions.ts';
import { type DatabaseRole, isAdministratorRole, type OrganizationRole } from './roles.ts';

/** Whether a member holds everything that an organization role gives. */
export function holdsRole(membership: Membership, role: OrganizationRole): boolean {
  if (isAdministratorRole(membership.organizationRole)) return true;
  if (isAdministratorRole(role)) return false;
  const onOrganization = permissionSet(organizationRolePermissions.get(role) ?? []);
  const onDatabases = permissionSet(everywherePermissions.get(role) ?? []);
  return (
    isSubset(onOrganization, organizationPermissions(membership)) &&
    isSubset(onDatabases, databasePermissions(membership, noDatabaseRoles))
  );
}

/** Whether these permissions on a database are all that a role there gives. */
export function holdsDatabaseRole(held: PermissionSet, role: DatabaseRole): boolean {
  return isSubset(permissionSet(databaseRolePermissions.get(role) ?? []), held);
}
