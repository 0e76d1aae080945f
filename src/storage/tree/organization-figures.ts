/**
 * How much there is in an organization: what its first page tells.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** Numbers of one moment. */
export interface OrganizationFigures {
  readonly members: number;
  /** Of these. */
  readonly suspended: number;
  readonly databases: number;
  readonly teams: number;
  readonly invitations: number;
}

const count = statement(`
  select (select count(*) from organization_members where organization_id = $1)::int as members,
         (select count(*) from organization_members
           where organization_id = $1 and suspended_at is not null)::int as suspended,
         (select count(*) from databases where organization_id = $1)::int as databases,
         (select count(*) from teams where organization_id = $1)::int as teams,
         (select count(*) from invitations where organization_id = $1)::int as invitations`);

/** @returns how much there is in the organization. */
export async function organizationFigures(
  db: Db,
  organizationId: string,
): Promise<OrganizationFigures | undefined> {
  return (await db.query<OrganizationFigures>(count, [organizationId]))[0];
}
