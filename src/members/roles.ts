/**
 * The roles of the catalogue: given on an organization, given on a database, and the one that an
 * organization gives each of its members on each of its databases. Code knows a role by its part, never
 * by its name.
 *
 * @module
 */

import { catalogue } from '../catalogue/catalogue.ts';
import { roleWords } from '../catalogue/words.ts';
import { defaultLocale } from '../lib/messages.ts';

/** A role on an organization. */
export type OrganizationRole = string;

/** A role on a database, given directly or through a team. */
export type DatabaseRole = string;

/** An organization's base database role. */
export type BaseRole = string;

/** Any role that is given to a person. */
export type Role = OrganizationRole | DatabaseRole;

interface RoleRow {
  readonly id: string;
  readonly name: string;
  readonly formerly?: readonly string[] | undefined;
}

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

/** Every name that is understood: those of today, and those that roles had before. */
const known = (rows: readonly RoleRow[]) =>
  new Map(rows.flatMap((row) => [row.id, ...(row.formerly ?? [])].map((id) => [id, row] as const)));
const organizationRows = known(organization);
const databaseRows = known(database);
const baseRows = known(base);
const given = new Map([...organizationRows, ...databaseRows]);

/** Every name by which a role can be called. */
export const callableRoles = {
  organization: [...organizationRows.keys()],
  database: [...databaseRows.keys()],
  base: [...baseRows.keys()],
};

/** @returns the names by which holders of a role on an organization or a database may have it. */
export function namesOfRole(role: Role): readonly Role[] {
  const row = given.get(role);
  return row === undefined ? [role] : [row.id, ...(row.formerly ?? [])];
}

/** The administrator's role, by the names that it has and had. */
export const administratorRoles: readonly OrganizationRole[] = Array.from(
  organizationRows,
  ([id, row]) => (row.id === administratorRole ? [id] : []),
).flat();

/** Whether it is the role that holds everything in an organization, by whichever name. */
export function isAdministratorRole(role: OrganizationRole): boolean {
  return role === administratorRole || administratorRoles.includes(role);
}

/** @returns the name of today of a role on an organization; as it is where there is none. */
export function organizationRoleToday(role: OrganizationRole): OrganizationRole {
  return organizationRows.get(role)?.id ?? role;
}

/** @returns the name of today of a role on a database; as it is where there is none. */
export function databaseRoleToday(role: DatabaseRole): DatabaseRole {
  return databaseRows.get(role)?.id ?? role;
}

/** @returns the name of today of a base role; as it is where there is none. */
export function baseRoleToday(role: BaseRole): BaseRole {
  return baseRows.get(role)?.id ?? role;
}

/**
 * @param locale the reader's language.
 * @returns the name of a role for people, the catalogue's own one where the language has no words for
 *   it; its id where the catalogue no longer has it.
 */
export function roleName(role: Role, locale: string = defaultLocale): string {
  const row = given.get(role);
  return row === undefined ? role : (roleWords(row.id, locale) ?? row.name);
}

/** As `roleName`, of a base role. */
export function baseRoleName(role: BaseRole, locale: string = defaultLocale): string {
  const row = baseRows.get(role);
  return row === undefined ? role : (roleWords(row.id, locale) ?? row.name);
}

/** Whether a string names a role on an organization. */
export const isOrganizationRole = (text: string): boolean => organizationRows.has(text);

/** Whether a string names a role on a database. */
export const isDatabaseRole = (text: string): boolean => databaseRows.has(text);

/** Whether a string names a base database role. */
export const isBaseRole = (text: string): boolean => baseRows.has(text);

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
