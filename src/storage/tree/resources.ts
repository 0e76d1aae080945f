/**
 * What a member can see of the tree: organizations, databases and branches, with the roles that
 * the member has there now.
 *
 * Seen are the organizations of which the account is an active member, and in them the databases
 * on which it has any role at all; what it may not see is left out as if it did not exist. An
 * organization may hold 10,000 databases, so lists take a search text and a limit.
 *
 * @module
 */

import { viewPermissions } from '../../catalogue/rules.ts';
import type { ApplicationPolicy } from '../../decisions/policy.ts';
import { StoredDataError } from '../../lib/errors.ts';
import { type DatabaseRoles, holdersOf, type Membership } from '../../members/permissions.ts';
import { type Db, statement } from '../engine/database.ts';

/** An organization, as one of its active members sees it. */
export interface MemberOrganization {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly membership: Membership;
  readonly policy: ApplicationPolicy;
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

/** Which part of a long list is wanted: what holds `search`, up to `limit` a parent. */
export interface Excerpt {
  /** Part of a slug; '' is in every slug. */
  readonly search: string;
  readonly limit: number;
  /** Ids that come before others where the limit leaves no room for all. */
  readonly first: readonly string[];
  /** Ids that are wanted whatever they hold, without counting. */
  readonly also: readonly string[];
}

/** Part of a list, and how many match the search in all, by parent. */
export interface Part<Item> {
  readonly items: readonly Item[];
  readonly matching: ReadonlyMap<string, number>;
}

/** An organization and the roles of one of its members, as `placeAndHeld` reads them. */
export interface PlaceRow {
  organization_id: string;
  organization_slug: string;
  organization_name: string;
  application_policy: string;
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
  matching: number;
}

interface BranchRow {
  id: string;
  organization_id: string;
  database_id: string;
  slug: string;
  production: boolean;
  matching: number;
}

/** `place`: where account $1 is an active member. `held`: the databases on which it was given roles. */
export const placeAndHeld = `
  place as (
    select o.id as organization_id, o.slug as organization_slug, o.name as organization_name,
           o.application_policy, o.base_role, m.role as member_role
      from organization_members m
      join organizations o on o.id = m.organization_id
     where m.account_id = $1 and m.suspended_at is null),
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
  with ${placeAndHeld}
  select organization_id, organization_slug, organization_name, application_policy, base_role,
         member_role
    from place order by organization_slug`);

/** @returns the organizations that the account is an active member of, by slug. */
export async function memberOrganizations(
  db: Db,
  accountId: string,
): Promise<MemberOrganization[]> {
  return (await db.query<PlaceRow>(selectOrganizations, [accountId])).map(toOrganization);
}

const selectRoles = statement(`
  with ${placeAndHeld}
  select distinct p.organization_id, h.direct, h.team
    from place p
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

const selectDatabases = statement(`
  with ${placeAndHeld},
  visible as (
    select d.id, d.organization_id, d.slug, h.direct, h.team,
           position($2 in d.slug) > 0 or position($2 in p.organization_slug) > 0 as matches
      from place p
      join databases d on d.organization_id = p.organization_id
      left join held h on h.database_id = d.id
     where ${seen}),
  ranked as (
    select *,
           row_number() over (
             partition by organization_id, matches order by id = any($4::uuid[]) desc, slug) as rank,
           count(*) filter (where matches) over (partition by organization_id)::integer as matching
      from visible)
  select id, organization_id, slug, direct, team, matching
    from ranked
   where (matches and rank <= $3) or id = any($5::uuid[])
   order by slug`);

/**
 * @param excerpt its search text may also be part of the organization's slug.
 * @returns part of the databases that the account sees, by slug; `matching` is by organization.
 */
export async function memberDatabases(
  db: Db,
  accountId: string,
  { search, limit, first, also }: Excerpt,
): Promise<Part<MemberDatabase>> {
  const rows = await db.query<DatabaseRow>(selectDatabases, [
    accountId,
    search,
    limit,
    first,
    also,
  ]);
  return {
    items: rows.map(toDatabase),
    matching: new Map(rows.map((row) => [row.organization_id, row.matching])),
  };
}

const selectBranches = statement(`
  with ranked as (
    select id, organization_id, database_id, slug, production, position($2 in slug) > 0 as matches,
           row_number() over (
             partition by database_id, position($2 in slug) > 0
             order by id = any($4::uuid[]) desc, production desc, slug) as rank,
           count(*) filter (where position($2 in slug) > 0)
             over (partition by database_id)::integer as matching
      from branches where database_id = any($1::uuid[]))
  select id, organization_id, database_id, slug, production, matching
    from ranked
   where (matches and rank <= $3) or id = any($5::uuid[])
   order by production desc, slug`);

/**
 * @param databaseIds databases that the account is known to see: nothing is checked here.
 * @returns part of their branches, production first, then by slug; `matching` is by database.
 */
export async function branchesOf(
  db: Db,
  databaseIds: readonly string[],
  { search, limit, first, also }: Excerpt,
): Promise<Part<MemberBranch>> {
  const rows = await db.query<BranchRow>(selectBranches, [databaseIds, search, limit, first, also]);
  return {
    items: rows.map(toBranch),
    matching: new Map(rows.map((row) => [row.database_id, row.matching])),
  };
}

/** @throws {StoredDataError} the row has a policy of no kind. */
export function toOrganization(row: PlaceRow): MemberOrganization {
  const { member_role: organizationRole, base_role: baseRole, application_policy: policy } = row;
  if (!isPolicy(policy)) {
    throw new StoredDataError(`organization ${row.organization_id} has a policy of no kind`);
  }
  const { organization_id: id, organization_slug: slug, organization_name: name } = row;
  return { id, slug, name, policy, membership: { organizationRole, baseRole } };
}

function isPolicy(text: string): text is ApplicationPolicy {
  return text === 'open' || text === 'approval_required';
}

/** A database of the row's organization. */
export function toDatabase(row: Omit<DatabaseRow, 'matching'>): MemberDatabase {
  const { id, organization_id: organizationId, slug } = row;
  return { id, organizationId, slug, roles: toRoles(row) };
}

function toRoles({ direct, team }: RolesRow): DatabaseRoles {
  return { direct: direct ?? undefined, team: team === true };
}

function toBranch(row: BranchRow): MemberBranch {
  const { id, organization_id: organizationId, database_id: databaseId, slug, production } = row;
  return { id, organizationId, databaseId, slug, production };
}
