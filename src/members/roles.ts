/**
 * The roles: given on an organization, given on a database, and the one that an organization gives
 * each of its members on each of its databases.
 *
 * @module
 */

/** The roles on an organization; whoever joins is an Organization Member. */
export const organizationRoles = ['organization_member', 'organization_admin'] as const;

/** The roles on a database, least first; a team gives `database_admin`. */
export const databaseRoles = ['database_reader', 'database_developer', 'database_admin'] as const;

/** What every member holds on every database of the organization; `member` unless changed. */
export const baseRoles = ['none', 'reader', 'developer', 'member'] as const;

/** A role on an organization. */
export type OrganizationRole = (typeof organizationRoles)[number];

/** A role on a database, given directly or through a team. */
export type DatabaseRole = (typeof databaseRoles)[number];

/** An organization's base database role. */
export type BaseRole = (typeof baseRoles)[number];

/** Any role that is given to a person. */
export type Role = OrganizationRole | DatabaseRole;

/** Whether a string names a role on an organization. */
export function isOrganizationRole(text: string): text is OrganizationRole {
  return (organizationRoles as readonly string[]).includes(text);
}

/** Whether a string names a role on a database. */
export function isDatabaseRole(text: string): text is DatabaseRole {
  return (databaseRoles as readonly string[]).includes(text);
}

/** Whether a string names a base database role. */
export function isBaseRole(text: string): text is BaseRole {
  return (baseRoles as readonly string[]).includes(text);
}
