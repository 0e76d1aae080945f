/**
 * How much there is in an organization, and what waits there for somebody to decide: what its first page
 * shows.
 *
 * @module
 */

import { isAlive } from '../consents/consent-end.ts';
import { type Db, statement } from '../engine/database.ts';

/** Numbers of one moment. */
export interface OrganizationFigures {
  readonly members: number;
  /** Of these. */
  readonly suspended: number;
  readonly databases: number;
  readonly teams: number;
  readonly invitations: number;
  /** Of these, what has expired or does so in two days. */
  readonly expiring: number;
  /** Applications that somebody allowed something there. */
  readonly applications: number;
}

const count = statement(`
  select (select count(*) from organization_members where organization_id = $1)::int as members,
         (select count(*) from organization_members
           where organization_id = $1 and suspended_at is not null)::int as suspended,
         (select count(*) from databases where organization_id = $1)::int as databases,
         (select count(*) from teams where organization_id = $1)::int as teams,
         (select count(*) from invitations where organization_id = $1)::int as invitations,
         (select count(*) from invitations
           where organization_id = $1 and expires_at < now() + interval '2 days')::int as expiring,
         (select count(distinct c.client_id)
            from consent_entries e join consents c on c.id = e.consent_id
           where e.organization_id = $1 and ${isAlive('c')})::int as applications`);

/** @returns how much there is in the organization. */
export async function organizationFigures(
  db: Db,
  organizationId: string,
): Promise<OrganizationFigures | undefined> {
  return (await db.query<OrganizationFigures>(count, [organizationId]))[0];
}

const unverified = statement(`
  select distinct k.id, k.name
    from consent_entries e
    join consents c on c.id = e.consent_id
    join clients k on k.id = c.client_id
   where e.organization_id = $1 and coalesce(e.production, e.includes_production)
     and ${isAlive('c')} and not k.is_verified
     and k.owner_organization_id is distinct from e.organization_id
   order by k.name, k.id limit $2`);

/** @returns applications of others that nobody has verified and that were let into production. */
export function unverifiedInProduction(
  db: Db,
  organizationId: string,
  limit: number,
): Promise<{ readonly id: string; readonly name: string }[]> {
  return db.query(unverified, [organizationId, limit]);
}
