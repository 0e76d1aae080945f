/**
 * Resources by their ids, as far as a member sees them; and what holds a membership until a consent
 * that rests on it is written.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';
import {
  type MemberBranch,
  type MemberDatabase,
  type MemberOrganization,
  type PlaceRow,
  placeAndHeld,
  type RolesRow,
  seen,
  toDatabase,
  toOrganization,
} from './resources.ts';

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
