/**
 * The ids behind the slugs of one address: each within its parent, all in one statement.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** An address in parts, each named by id, by slug or not at all. */
export interface NamedPlace {
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
export interface FoundPlace {
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

interface PlaceRow {
  organization_id: string | null;
  database_id: string | null;
  branch_id: string | null;
  team_id: string | null;
}

/** Finds what an address names. An id is taken as it is: whether there is such a thing is not asked. */
export async function findNamedPlace(db: Db, place: NamedPlace): Promise<FoundPlace> {
  const parts = [place.organization, place.database, place.branch, place.team];
  const values = parts.flatMap(({ id, slug }) => [id ?? null, slug ?? null]);
  const [row] = await db.query<PlaceRow>(find, values);
  return {
    organizationId: row?.organization_id ?? undefined,
    databaseId: row?.database_id ?? undefined,
    branchId: row?.branch_id ?? undefined,
    teamId: row?.team_id ?? undefined,
  };
}
