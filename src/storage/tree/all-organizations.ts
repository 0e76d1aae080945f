/**
 * The `organizations` table as operators list it.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** An organization with how much is in it. */
export interface ListedOrganization {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly members: number;
  readonly databases: number;
}

const select = `
  select o.id, o.slug, o.name,
         (select count(*)::int from organization_members m where m.organization_id = o.id) as members,
         (select count(*)::int from databases d where d.organization_id = o.id) as databases
    from organizations o`;
const all = statement(`${select} order by o.slug`);
const ofSlug = statement(`${select} where o.slug = $1`);

/** @returns every organization, by slug. */
export function listAllOrganizations(db: Db): Promise<ListedOrganization[]> {
  return db.query<ListedOrganization>(all);
}

/** @returns the organization of that slug; undefined when there is none. */
export async function findOrganizationBySlug(
  db: Db,
  slug: string,
): Promise<ListedOrganization | undefined> {
  return (await db.query<ListedOrganization>(ofSlug, [slug]))[0];
}
