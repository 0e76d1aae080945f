/**
 * Finds organizations, databases and branches that a member sees, word by word over their slugs and
 * the names of their organizations, some at a time; and counts databases by organization.
 *
 * @module
 */

import type { Level } from '../../catalogue/scope-rule.ts';
import { type Db, statement } from '../engine/database.ts';
import { type SeenResource, type SeenRow, toSeen } from './resource-lookup.ts';
import { membershipAndHeld, seen } from './resources.ts';

/** What is looked for. */
export interface ResourceSearch {
  /** All of them have to be in the path or the organization's name, in lower case; none: everything. */
  readonly words: readonly string[];
  readonly levels: readonly Exclude<Level, 'user'>[];
  /** The id of the one resource to look in, which may itself be found; undefined looks everywhere. */
  readonly within?: string | undefined;
  /** Ids of resources that are on the page already. */
  readonly except: readonly string[];
  /** Where nothing that is asked for can be given: these come last. */
  readonly closed: readonly ClosedResource[];
  readonly limit: number;
  readonly offset: number;
}

/** All resources of a kind, in one organization, on which the member has these roles. */
export interface ClosedResource {
  readonly organizationId: string;
  readonly kind: PickableKind;
  /** Undefined of an organization. */
  readonly direct: string | undefined;
  readonly team: boolean;
}

/** The kinds that differ in what can be given on them. */
export type PickableKind = 'organization' | 'database' | 'production' | 'development';

/** Some of what was found, and how much there is. */
export interface FoundResources {
  readonly items: readonly SeenResource[];
  readonly count: number;
}

interface FoundRow extends SeenRow {
  matching: number;
}

/** What can be given comes first, then what was named whole; of all there is, what was made last. */
const order = `rank_closed, rank_named desc, rank_made desc nulls last, rank_depth,
  production desc, path collate "C"`;

const find = statement(`
  with ${membershipAndHeld},
  visible as (
    select p.organization_id, p.organization_slug, p.organization_name, d.id, d.slug, d.created_at,
           h.direct, coalesce(h.team, false) as team
      from membership p
      join databases d on d.organization_id = p.organization_id
      left join held h on h.database_id = d.id
     where ${seen}),
  thing as (
    select 'organization' as kind, organization_id as id, organization_id,
           null::uuid as database_id, null as database_slug, null::uuid as branch_id,
           null as branch_slug, null::boolean as production, null as direct, false as team,
           organization_slug as slug, organization_slug as path,
           organization_slug || ' ' || lower(organization_name) as text,
           null::timestamptz as created_at
      from membership where 'organization' = any($3::text[])
    union all
    select 'database', id, organization_id, id, slug, null, null, null, direct, team, slug,
           organization_slug || '/' || slug,
           organization_slug || '/' || slug || ' ' || lower(organization_name), created_at
      from visible where 'database' = any($3::text[])
    union all
    select case when b.production then 'production' else 'development' end, b.id, v.organization_id,
           v.id, v.slug, b.id, b.slug, b.production, v.direct, v.team, b.slug,
           v.organization_slug || '/' || v.slug || '/' || b.slug,
           v.organization_slug || '/' || v.slug || '/' || b.slug || ' ' || lower(v.organization_name),
           v.created_at
      from visible v join branches b on b.database_id = v.id
     where 'branch' = any($3::text[])),
  closed as (
    select distinct * from unnest($5::uuid[], $6::text[], $7::text[], $8::boolean[])
        as c (organization_id, kind, direct, team)),
  matching as materialized (
    select t.*, (c.kind is not null)::integer as rank_closed,
           (t.slug = any($9::text[]))::integer as rank_named,
           case when cardinality($9::text[]) = 0 then t.created_at end as rank_made,
           length(t.path) - length(replace(t.path, '/', '')) as rank_depth
      from thing t
      left join closed c on c.organization_id = t.organization_id and c.kind = t.kind
        and c.direct is not distinct from t.direct and c.team = t.team
     where t.text like all($2::text[]) and t.id <> all($4::uuid[])
       and ($12::uuid is null or $12 in (t.id, t.database_id, t.organization_id))),
  page as (
    select m.*, (select count(*) from matching)::integer as matching
      from matching m order by ${order} limit $10 offset $11)
  select g.database_id, g.database_slug, g.branch_id, g.branch_slug, g.production, g.direct, g.team,
         g.matching, p.organization_id, p.organization_slug, p.organization_name,
         p.application_policy, p.guards_production, p.base_role, p.member_role
    from page g join membership p on p.organization_id = g.organization_id
   order by ${order}`);

/** @returns what the member can be shown: first what anything can be given on. */
export async function searchResources(
  db: Db,
  accountId: string,
  { words, levels, within, except, closed, limit, offset }: ResourceSearch,
): Promise<FoundResources> {
  const rows = await db.query<FoundRow>(find, [
    accountId,
    words.map((word) => `%${word.replace(/[\\%_]/g, '\\$&')}%`),
    levels,
    except,
    closed.map(({ organizationId }) => organizationId),
    closed.map(({ kind }) => kind),
    closed.map(({ direct }) => direct ?? null),
    closed.map(({ team }) => team),
    words.flatMap((word) => word.split('/')).filter((part) => part !== ''),
    limit,
    offset,
    within ?? null,
  ]);
  return { items: rows.map(toSeen), count: rows[0]?.matching ?? 0 };
}

const count = statement(`
  with ${membershipAndHeld}
  select p.organization_id as id, count(*)::integer as databases
    from membership p
    join databases d on d.organization_id = p.organization_id
    left join held h on h.database_id = d.id
   where ${seen} group by p.organization_id`);

/** @returns how many databases the member sees, by organization; none without any. */
export async function countDatabases(
  db: Db,
  accountId: string,
): Promise<ReadonlyMap<string, number>> {
  const rows = await db.query<{ id: string; databases: number }>(count, [accountId]);
  return new Map(rows.map(({ id, databases }) => [id, databases]));
}

const branchCount = statement(`
  select database_id as id, count(*)::integer as branches
    from branches where database_id = any($1::uuid[]) group by database_id`);

/** @returns how many branches each of the databases has. They are known to be seen. */
export async function countBranches(
  db: Db,
  databaseIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (databaseIds.length === 0) return new Map();
  const rows = await db.query<{ id: string; branches: number }>(branchCount, [databaseIds]);
  return new Map(rows.map(({ id, branches }) => [id, branches]));
}

const administrators = statement(`
  select distinct on (m.organization_id) m.organization_id as id, a.name
    from organization_members m join accounts a on a.id = m.account_id
   where m.organization_id = any($1::uuid[]) and m.role = any($2::text[])
     and m.suspended_at is null and a.status = 'active' and a.id <> $3
   order by m.organization_id, m.joined_at, a.id`);

/** @returns the name of whom a member can ask in each organization: its longest administrator. */
export async function whomToAsk(
  db: Db,
  accountId: string,
  organizationIds: readonly string[],
  administratorRoles: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (organizationIds.length === 0) return new Map();
  const rows = await db.query<{ id: string; name: string }>(administrators, [
    organizationIds,
    administratorRoles,
    accountId,
  ]);
  return new Map(rows.map(({ id, name }) => [id, name]));
}
