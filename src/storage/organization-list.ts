/**
 * The organizations of one person, by slug.
 *
 * @module
 */

import { type Db, statement } from './database.ts';
import type { Listed, Part } from './listed.ts';
import {
  columns,
  type Organization,
  type OrganizationRow,
  toOrganization,
} from './organizations.ts';

const ofAccount = statement(`
  select ${columns} from organizations
   where id in (select organization_id from organization_members
                 where account_id = $1 and suspended_at is null)
     and slug > $2
   order by slug limit $3`);

/** @returns the organizations of which the account is a member who is not suspended. */
export async function listOrganizations(
  db: Db,
  accountId: string,
  { after, limit }: Part,
): Promise<Listed<Organization>[]> {
  const rows = await db.query<OrganizationRow>(ofAccount, [accountId, after?.[0] ?? '', limit]);
  return rows.map((row) => ({ position: [row.slug], item: toOrganization(row) }));
}
