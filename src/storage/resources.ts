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

import { viewPermissions } from '../catalogue/rules.ts';
import type { ApplicationPolicy } from '../decisions/policy.ts';
import { StoredDataError } from '../lib/errors.ts';
import { type DatabaseRoles, holdersOf, type Membership } from '../members/permissions.ts';
import { type Db, statement } from './database.ts';

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

interface PlaceRow {
  organization_id: string;
  organization_slug: string;
  organization_name: string;
  application_policy: string;
  base_role: string;
  member_role: string;
}

interface RolesRow {
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
const placeAndHeld = `
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
const seen = seenBy(holdersOf(viewPermissions.database));

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

/** Ids of resources of each kind. */
export interface ResourceIds {
  readonly organizations: readonly string[];
  readonly databases: readonly string[];
  readonly branches: readonly string[];
}

/** One resource that the member sees, with the organization and the database it belongs to. */
export type SeenResource =
  | { readonly level: 'organization'; readonly organization: MemberOrganization }
  | SeenDatabase
  | (Omit<SeenDatabase, 'level'> & { readonly level: 'branch'; readonly branch: MemberBranch });

interface SeenDatabase {
  readonly level: 'database';
  readonly organization: MemberOrganization;
  readonly database: MemberDatabase;
}

interface ResolvedRow extends PlaceRow, RolesRow {
  database_id: string | null;
  database_slug: string | null;
  branch_id: string | null;
  branch_slug: string | null;
  production: boolean | null;
}

const resolve = statement(`
  with ${placeAndHeld},
  wanted as (
    select organization_id, null::uuid as database_id, null as database_slug,
           null::uuid as branch_id, null as branch_slug, null::boolean as production
      from place where organization_id = any($2::uuid[])
    union all
    select organization_id, id, slug, null, null, null
      from databases where id = any($3::uuid[])
    union all
    select b.organization_id, d.id, d.slug, b.id, b.slug, b.production
      from branches b join databases d on d.id = b.database_id
     where b.id = any($4::uuid[]))
  select w.database_id, w.database_slug, w.branch_id, w.branch_slug, w.production,
         p.organization_id, p.organization_slug, p.organization_name, p.application_policy,
         p.base_role, p.member_role, h.direct, h.team
    from wanted w
    join place p on p.organization_id = w.organization_id
    left join held h on h.database_id = w.database_id
   where w.database_id is null or ${seen}`);

/** @returns those of the resources that the account sees; an id that is not among them is unknown. */
export async function resolveResources(
  db: Db,
  accountId: string,
  { organizations, databases, branches }: ResourceIds,
): Promise<SeenResource[]> {
  const values = [accountId, organizations, databases, branches];
  return (await db.query<ResolvedRow>(resolve, values)).map(toSeen);
}

const holdMembershipRows = statement(`
  select organization_id from organization_members
   where account_id = $1 order by organization_id for key share`);

/**
 * Lets nobody remove a membership of the account until the transaction ends. Taken before its
 * consent entries are written, as a removal takes them: member first, then entries.
 */
export async function holdMemberships(tx: Db, accountId: string): Promise<void> {
  await tx.query(holdMembershipRows, [accountId]);
}

function toSeen(row: ResolvedRow): SeenResource {
  const organization = toOrganization(row);
  if (row.database_id === null) return { level: 'organization', organization };
  const place = { id: row.database_id, organization_id: organization.id };
  const database = toDatabase({ ...row, ...place, slug: row.database_slug ?? '' });
  if (row.branch_id === null) return { level: 'database', organization, database };
  const branch = {
    id: row.branch_id,
    organizationId: organization.id,
    databaseId: database.id,
    slug: row.branch_slug ?? '',
    production: row.production === true,
  };
  return { level: 'branch', organization, database, branch };
}

function toOrganization(row: PlaceRow): MemberOrganization {
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

function toDatabase(row: Omit<DatabaseRow, 'matching'>): MemberDatabase {
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
