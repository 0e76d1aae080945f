/**
 * The roles of the catalogue: given on an organization, given on a database, and the one that an
 * organization gives each of its members on each of its databases. Code knows a role by its part, never
 * by its name.
 *
 * @module
 */

import { catalogue } from '../catalogue/catalogue.ts';

/** A role on an organization. */
export type OrganizationRole = string;

/** A role on a database, given directly or through a team. */
export type DatabaseRole = string;

/** An organization's base database role. */
export type BaseRole = string;

/** Any role that is given to a person. */
export type Role = OrganizationRole | DatabaseRole;

const { organization, database, base } = catalogue.files['roles.json'];

/** The roles on an organization, in the order of the catalogue. */
export const organizationRoles: readonly OrganizationRole[] = idsOf(organization);

/** The roles on a database, least first. */
export const databaseRoles: readonly DatabaseRole[] = idsOf(database);

/** What every member can hold on every database of an organization. */
export const baseRoles: readonly BaseRole[] = idsOf(base);

/** The role that holds everything in an organization. */
export const administratorRole: OrganizationRole = withPart(organization, 'administrator');

/** The role that whoever joins an organization has. */
export const memberRole: OrganizationRole = withPart(organization, 'member');

/** The role that holds everything on a database: its creator's, and what teams give. */
export const databaseAdministratorRole: DatabaseRole = withPart(database, 'administrator');

/** The base role of an organization that has chosen none. */
export const defaultBaseRole: BaseRole = withPart(base, 'default');

const names = new Map([...organization, ...database].map(({ id, name }) => [id, name]));

/** @returns the name of a role for people; its id where the catalogue no longer has it. */
export function roleName(role: Role): string {
  return names.get(role) ?? role;
}

/** Whether a string names a role on an organization. */
export const isOrganizationRole = oneOf(organizationRoles);

/** Whether a string names a role on a database. */
export const isDatabaseRole = oneOf(databaseRoles);

/** Whether a string names a base database role. */
export const isBaseRole = oneOf(baseRoles);

function oneOf(ids: readonly string[]): (text: string) => boolean {
  const known = new Set(ids);
  return (text) => known.has(text);
}

function idsOf(rows: readonly { readonly id: string }[]): string[] {
  return rows.map(({ id }) => id);
}

/** The catalogue is checked: each part has exactly one role. */
function withPart(
  rows: readonly { readonly id: string; readonly part?: string | undefined }[],
  part: string,
): string {
  return rows.find((row) => row.part === part)?.id ?? '';
}
