/**
 * Members who may hold something: by their role on the organization, by a role on databases, or by a team.
 *
 * @module
 */

import { organizationRoleToday } from '../../members/roles.ts';
import { type Db, statement } from '../engine/database.ts';
import { noId, type Position } from '../engine/listed.ts';

/** Whom to look for; any of it is enough. */
export interface HolderQuery {
  readonly organizationId: string;
  /** Undefined: on any database. */
  readonly databaseId?: string | undefined;
  /** Whoever is a member. */
  readonly everybody: boolean;
  /** Stored names of roles on the organization, and of roles given on databases. */
  readonly organizationRoles: readonly string[];
  readonly databaseRoles: readonly string[];
  /** Whoever is in a team that administers a database. */
  readonly teams: boolean;
  readonly after: Position | undefined;
  readonly limit: number;
}

/** A member, active or not, who is one of them. */
export interface Candidate {
  readonly accountId: string;
  readonly email: string;
  readonly name: string;
  readonly role: string;
  readonly active: boolean;
}

/** A part that is left out costs nothing: its constant condition is decided before its tables are read. */
const parts = (ofDatabase: string, ofTeam: string) => `
  select c.account_id as "accountId", a.email, a.name, m.role,
         m.suspended_at is null and a.status = 'active' as active
    from (
      (select account_id from organization_members
        where $2::boolean and organization_id = $1 and account_id > $6
        order by account_id limit $7)
      union
      (select account_id from organization_members
        where organization_id = $1 and role = any($3::text[]) and account_id > $6
        order by account_id limit $7)
      union
      (select distinct account_id from database_roles
        where ${ofDatabase} and role = any($4::text[]) and account_id > $6
        order by account_id limit $7)
      union
      (select distinct t.account_id from team_members t
        where $5::boolean and ${ofTeam} and t.account_id > $6
        order by t.account_id limit $7)
    ) c
    join organization_members m on m.organization_id = $1 and m.account_id = c.account_id
    join accounts a on a.id = c.account_id
   order by c.account_id limit $7`;

const onDatabase = statement(
  parts(
    'organization_id = $1 and database_id = $8',
    't.team_id in (select team_id from team_databases where database_id = $8)',
  ),
);
const onAny = statement(
  parts(
    'organization_id = $1',
    't.organization_id = $1 and exists (select from team_databases d where d.team_id = t.team_id)',
  ),
);

/** @returns those who fit, in an order of no meaning. */
export async function findCandidates(db: Db, query: HolderQuery): Promise<Candidate[]> {
  const { organizationId, databaseId, everybody, organizationRoles, databaseRoles } = query;
  const values = [
    organizationId,
    everybody,
    organizationRoles,
    databaseRoles,
    query.teams,
    query.after?.[0] ?? noId,
    query.limit,
  ];
  const rows =
    databaseId === undefined
      ? await db.query<Candidate>(onAny, values)
      : await db.query<Candidate>(onDatabase, [...values, databaseId]);
  return rows.map((row) => ({ ...row, role: organizationRoleToday(row.role) }));
}

/** What one person was given on one database. */
export interface GivenDatabase {
  readonly accountId: string;
  readonly databaseId: string;
  readonly slug: string;
  readonly direct: string | null;
  readonly teams: readonly { readonly id: string; readonly slug: string; readonly name: string }[];
}

const given = statement(`
  with given as (
    select account_id, database_id, role, null::uuid as team_id
      from database_roles
     where organization_id = $1 and account_id = any($2::uuid[])
       and ($3::uuid[] is null or database_id = any($3))
    union all
    select t.account_id, d.database_id, null, t.team_id
      from team_members t join team_databases d on d.team_id = t.team_id
     where t.organization_id = $1 and t.account_id = any($2::uuid[])
       and ($3::uuid[] is null or d.database_id = any($3))),
  placed as (
    select g.account_id, g.database_id, d.slug, max(g.role) as direct,
           coalesce(json_agg(json_build_object('id', t.id, 'slug', t.slug, 'name', t.name)
                             order by t.slug) filter (where t.id is not null), '[]') as teams,
           row_number() over (partition by g.account_id order by d.slug) as nth
      from given g join databases d on d.id = g.database_id left join teams t on t.id = g.team_id
     group by g.account_id, g.database_id, d.slug)
  select account_id as "accountId", database_id as "databaseId", slug, direct, teams
    from placed where nth <= $4 order by account_id, slug`);

/** Whose databases, and which. */
export interface GivenQuery {
  readonly accountIds: readonly string[];
  /** Undefined: of the organization. */
  readonly databaseIds?: readonly string[] | undefined;
  /** So many databases of each person, by slug. */
  readonly most: number;
}

/** @returns what these members were given on databases. */
export async function findGivenDatabases(
  db: Db,
  organizationId: string,
  { accountIds, databaseIds, most }: GivenQuery,
): Promise<GivenDatabase[]> {
  if (accountIds.length === 0) return [];
  return db.query<GivenDatabase>(given, [organizationId, accountIds, databaseIds ?? null, most]);
}
