/**
 * The organizations of one person, by slug.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';
import type { BySlug, Listed, Part } from '../engine/listed.ts';
import {
  columns,
  type Organization,
  type OrganizationRow,
  toOrganization,
} from './organizations.ts';

const select = `
  select ${columns} from organizations
   where id in (select organization_id from organization_members
                 where account_id = $1 and suspended_at is null)
     and slug > $2`;
const all = statement(`${select} order by slug limit $3`);
const ofSlug = statement(`${select} and slug = $4 limit $3`);

/** @returns the organizations of which the account is a member who is not suspended. */
export async function listOrganizations(
  db: Db,
  accountId: string,
  { slug }: BySlug,
  { after, limit }: Part,
): Promise<Listed<Organization>[]> {
  const values = [accountId, after?.[0] ?? '', limit];
  const rows =
    slug === undefined
      ? await db.query<OrganizationRow>(all, values)
      : await db.query<OrganizationRow>(ofSlug, [...values, slug]);
  return rows.map((row) => ({ position: [row.slug], item: toOrganization(row) }));
}
