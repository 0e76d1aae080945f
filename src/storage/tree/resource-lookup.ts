/**
 * How a question names the resource it is about, and the SQL that finds which one that is.
 *
 * Resources by their ids, as far as a member sees them; and what holds a membership until a consent
 * that rests on it is written.
 *
 * The ids behind the slugs of one address: each within its parent, all in one statement.
 *
 * @module
 */

import type { ResourceKind } from '../../catalogue/scope-rule.ts';
import { type Db, statement } from '../engine/database.ts';
import {
  type MemberBranch,
  type MemberDatabase,
  type MemberOrganization,
  type MembershipRow,
  membershipAndHeld,
  type RolesRow,
  seen,
  toDatabase,
  toOrganization,
} from './resources.ts';

/** A resource as a question names it; `unknown` is a name that nothing can have. */
export type ResourceReference =
  | { readonly kind: 'user' }
  | { readonly kind: Exclude<ResourceKind, 'user'>; readonly id: string }
  /** The platform's own id of an organization, a database or a branch. */
  | { readonly kind: 'external'; readonly externalId: string }
  | ({ readonly kind: 'path' } & SlugPath)
  | { readonly kind: 'unknown' };

/** The slugs from the organization down; the last one given names the resource. */
export interface SlugPath {
  readonly organization: string;
  readonly database?: string | undefined;
  readonly branch?: string | undefined;
}

/** The columns of `referenceArrays`, in its order, as one question's row has them. */
export const referenceColumns = [
  'kind',
  'id',
  'external_id',
  'organization_slug',
  'database_slug',
  'branch_slug',
];

/** Their types, for the parameters. */
export const referenceTypes = ['text[]', 'uuid[]', 'text[]', 'text[]', 'text[]', 'text[]'];

/** @returns an array a column, an element a question. */
export function referenceArrays(references: readonly ResourceReference[]): unknown[][] {
  return [
    references.map(({ kind }) => kind),
    references.map((reference) => ('id' in reference ? reference.id : null)),
    references.map((reference) => ('externalId' in reference ? reference.externalId : null)),
    references.map((reference) => ('organization' in reference ? reference.organization : null)),
    references.map((reference) => ('database' in reference ? reference.database : null)),
    references.map((reference) => ('branch' in reference ? reference.branch : null)),
  ];
}

/**
 * The ids that question `q` names, in `organization_id`, `database_id` and `branch_id`: at most one,
 * but for an external id that things of several kinds have. Whether there is such a thing is not
 * asked yet where the question gives the id itself.
 */
export const namedResource = `
  select
    case q.kind when 'organization' then q.id
      when 'external' then (select id from organizations where external_id = q.external_id)
      when 'path' then (select id from organizations
        where slug = q.organization_slug and q.database_slug is null)
    end as organization_id,
    case q.kind when 'database' then q.id
      when 'external' then (select id from databases where external_id = q.external_id)
      when 'path' then (select d.id from organizations o join databases d on d.organization_id = o.id
        where o.slug = q.organization_slug and d.slug = q.database_slug and q.branch_slug is null)
    end as database_id,
    case q.kind when 'branch' then q.id
      when 'external' then (select id from branches where external_id = q.external_id)
      when 'path' then (select b.id from organizations o join databases d on d.organization_id = o.id
        join branches b on b.database_id = d.id
        where o.slug = q.organization_slug and d.slug = q.database_slug and b.slug = q.branch_slug)
    end as branch_id
  offset 0`;

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

/** What `toSeen` reads. */
export interface SeenRow extends MembershipRow, RolesRow {
  database_id: string | null;
  database_slug: string | null;
  branch_id: string | null;
  branch_slug: string | null;
  production: boolean | null;
}

const resolve = statement(`
  with ${membershipAndHeld},
  wanted as (
    select organization_id, null::uuid as database_id, null as database_slug,
           null::uuid as branch_id, null as branch_slug, null::boolean as production
      from membership where organization_id = any($2::uuid[])
    union all
    select organization_id, id, slug, null, null, null
      from databases where id = any($3::uuid[])
    union all
    select b.organization_id, d.id, d.slug, b.id, b.slug, b.production
      from branches b join databases d on d.id = b.database_id
     where b.id = any($4::uuid[]))
  select w.database_id, w.database_slug, w.branch_id, w.branch_slug, w.production,
         p.organization_id, p.organization_slug, p.organization_name, p.application_policy,
         p.guards_production,
         p.base_role, p.member_role, h.direct, h.team
    from wanted w
    join membership p on p.organization_id = w.organization_id
    left join held h on h.database_id = w.database_id
   where w.database_id is null or ${seen}`);

/** @returns those of the resources that the account sees; an id that is not among them is unknown. */
export async function resolveResources(
  db: Db,
  accountId: string,
  { organizations, databases, branches }: ResourceIds,
): Promise<SeenResource[]> {
  const values = [accountId, organizations, databases, branches];
  return (await db.query<SeenRow>(resolve, values)).map(toSeen);
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

/** @returns the resource of a row: the deepest that the row names. */
export function toSeen(row: SeenRow): SeenResource {
  const organization = toOrganization(row);
  if (row.database_id === null) return { level: 'organization', organization };
  const ids = { id: row.database_id, organization_id: organization.id };
  const database = toDatabase({ ...row, ...ids, slug: row.database_slug ?? '' });
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

/** An address in parts, each named by id, by slug or not at all. */
export interface NamedPath {
  readonly organization: Named;
  readonly database: Named;
  readonly branch: Named;
  readonly team: Named;
}

/** A UUID, or a slug; neither where the address has no such part. */
interface Named {
  readonly id?: string | undefined;
  readonly slug?: string | undefined;
}

/** What the address names; undefined where there is no such part, or nothing of that name. */
export interface FoundIds {
  readonly organizationId: string | undefined;
  readonly databaseId: string | undefined;
  readonly branchId: string | undefined;
  readonly teamId: string | undefined;
}

const find = statement(`
  select o.id as organization_id, d.id as database_id, b.id as branch_id, t.id as team_id
    from (select coalesce($1::uuid,
        (select x.id from organizations x where x.slug = $2::text)) as id) o
    cross join lateral (select coalesce($3::uuid,
        (select x.id from databases x where x.organization_id = o.id and x.slug = $4::text)) as id) d
    cross join lateral (select coalesce($5::uuid,
        (select x.id from branches x where x.organization_id = o.id and x.database_id = d.id
          and x.slug = $6::text)) as id) b
    cross join lateral (select coalesce($7::uuid,
        (select x.id from teams x where x.organization_id = o.id and x.slug = $8::text)) as id) t`);

interface NamedPathRow {
  organization_id: string | null;
  database_id: string | null;
  branch_id: string | null;
  team_id: string | null;
}

/** Finds what an address names. An id is taken as it is: whether there is such a thing is not asked. */
export async function findNamedPath(db: Db, path: NamedPath): Promise<FoundIds> {
  const parts = [path.organization, path.database, path.branch, path.team];
  const values = parts.flatMap(({ id, slug }) => [id ?? null, slug ?? null]);
  const [row] = await db.query<NamedPathRow>(find, values);
  return {
    organizationId: row?.organization_id ?? undefined,
    databaseId: row?.database_id ?? undefined,
    branchId: row?.branch_id ?? undefined,
    teamId: row?.team_id ?? undefined,
  };
}
