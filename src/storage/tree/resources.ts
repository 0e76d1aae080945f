/**
 * What a member can see of the tree: organizations, databases and branches, with the roles that
 * the member has there now.
 *
 * Seen are the organizations of which the account is an active member, and in them the databases
 * on which it has any role at all; what it may not see is left out as if it did not exist.
 *
 * @module
 */

import { viewPermissions } from '../../catalogue/rules.ts';
import { type PolicySettings, toApplicationPolicy } from '../../decisions/policy.ts';
import { StoredDataError } from '../../lib/errors.ts';
import { type DatabaseRoles, holdersOf, type Membership } from '../../members/permissions.ts';
import { type Db, statement } from '../engine/database.ts';

/** An organization, as one of its active members sees it. */
export interface MemberOrganization extends PolicySettings {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly membership: Membership;
}

/** A database, with the roles that the member was given on it. */
export interface MemberDatabase {
  readonly id: string;
  readonly organizationId: string;
  readonly slug: string;
  readonly roles: DatabaseRoles;
}

/** A branch, with its kind now. */
export interface MemberBranch {
  readonly id: string;
  readonly organizationId: string;
  readonly databaseId: string;
  readonly slug: string;
  readonly production: boolean;
}

/** An organization and the roles of one of its members, as `membershipAndHeld` reads them. */
export interface MembershipRow {
  organization_id: string;
  organization_slug: string;
  organization_name: string;
  application_policy: string;
  guards_production: boolean;
  base_role: string;
  member_role: string;
}

/** The roles that a member was given on a database. */
export interface RolesRow {
  direct: string | null;
  team: boolean | null;
}

interface DatabaseRow extends RolesRow {
  id: string;
  organization_id: string;
  slug: string;
}

/** `membership`: where account $1 is an active member. `held`: the databases on which it was given roles. */
export const membershipAndHeld = `
  membership as (
    select o.id as organization_id, o.slug as organization_slug, o.name as organization_name,
           o.application_policy, o.guards_production, o.base_role, m.role as member_role
      from organization_members m
      join organizations o on o.id = m.organization_id
     where m.account_id = $1 and m.suspended_at is null and o.suspended_at is null),
  given as (
    select organization_id, database_id, role, false as team
      from database_roles where account_id = $1
    union all
    select d.organization_id, d.database_id, null, true
      from team_members t
      join team_databases d on d.team_id = t.team_id
     where t.account_id = $1),
  held as (
    select organization_id, database_id, max(role) as direct, bool_or(team) as team
      from given group by organization_id, database_id)`;

/** A database is seen by whoever holds its view permission, whatever gives it. */
export const seen = seenBy(holdersOf(viewPermissions.database));

/** Ids of roles are letters, digits and _, which the catalogue's check sees to. */
function seenBy({ everywhere, base, direct }: ReturnType<typeof holdersOf>): string {
  const list = (roles: readonly string[]) => `('${roles.join("', '")}')`;
  return `(p.base_role in ${list(base)} or p.member_role in ${list(everywhere)}
    or h.direct in ${list(direct)} or h.team)`;
}

const selectOrganizations = statement(`
  with ${membershipAndHeld}
  select organization_id, organization_slug, organization_name, application_policy,
         guards_production, base_role, member_role
    from membership order by organization_slug`);

/** @returns the organizations that the account is an active member of, by slug. */
export async function memberOrganizations(
  db: Db,
  accountId: string,
): Promise<MemberOrganization[]> {
  return (await db.query<MembershipRow>(selectOrganizations, [accountId])).map(toOrganization);
}

const selectRoles = statement(`
  with ${membershipAndHeld}
  select distinct p.organization_id, h.direct, h.team
    from membership p
    join databases d on d.organization_id = p.organization_id
    left join held h on h.database_id = d.id
   where ${seen}`);

/** @returns by organization the different roles that the member has on databases; none without any. */
export async function rolesOnDatabases(
  db: Db,
  accountId: string,
): Promise<Map<string, DatabaseRoles[]>> {
  const rows = await db.query<RolesRow & { organization_id: string }>(selectRoles, [accountId]);
  return Map.groupBy(rows, (row) => row.organization_id)
    .entries()
    .reduce((map, [id, of]) => map.set(id, of.map(toRoles)), new Map<string, DatabaseRoles[]>());
}

/** @throws {StoredDataError} the row has a policy of no kind. */
export function toOrganization(row: MembershipRow): MemberOrganization {
  const { member_role: organizationRole, base_role: baseRole } = row;
  const policy = toApplicationPolicy(row.application_policy);
  if (policy === undefined) {
    throw new StoredDataError(`organization ${row.organization_id} has a policy of no kind`);
  }
  const { organization_id: id, organization_slug: slug, organization_name: name } = row;
  const settings = { policy, guardsProduction: row.guards_production };
  return { id, slug, name, ...settings, membership: { organizationRole, baseRole } };
}

/** A database of the row's organization. */
export function toDatabase(row: DatabaseRow): MemberDatabase {
  const { id, organization_id: organizationId, slug } = row;
  return { id, organizationId, slug, roles: toRoles(row) };
}

function toRoles({ direct, team }: RolesRow): DatabaseRoles {
  return { direct: direct ?? undefined, team: team === true };
}
