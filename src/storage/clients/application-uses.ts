/**
 * The `application_uses` table: on which resources applications used what they were allowed, day by day.
 * It is counted in memory and written now and then (introspection/use-counter.ts).
 *
 * @module
 */

import { isAlive } from '../consents/consent-end.ts';
import { type Db, statement } from '../engine/database.ts';
import type { ApprovalPlace } from './approvals.ts';

/** So many uses by one application for one person on one resource. */
export interface CountedUse {
  readonly accountId: string;
  readonly clientId: string;
  /** Of an organization, a database or a branch. */
  readonly resourceId: string;
  readonly uses: number;
}

// In one order, so that two nodes that add to the same rows do not wait for each other in a circle.
const add = statement(`
  insert into application_uses (consent_id, organization_id, database_id, resource_id, day, uses)
  select n.id, place.organization_id, place.database_id, u.resource_id, current_date, u.uses
    from unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[])
      as u (account_id, client_id, resource_id, uses)
    join consents n on n.account_id = u.account_id and n.client_id = u.client_id
    cross join lateral (
      select organization_id, database_id from branches where id = u.resource_id
      union all select organization_id, id from databases where id = u.resource_id
      union all select id, null from organizations where id = u.resource_id) place
   order by n.id, u.resource_id
      on conflict (consent_id, resource_id, day) do update
         set uses = application_uses.uses + excluded.uses`);

/**
 * Adds uses to those of today. What is not there any more is passed over.
 *
 * @param uses each account, client and resource at most once.
 */
export async function addUses(db: Db, uses: readonly CountedUse[]): Promise<void> {
  await db.query(add, [
    uses.map(({ accountId }) => accountId),
    uses.map(({ clientId }) => clientId),
    uses.map(({ resourceId }) => resourceId),
    uses.map((one) => one.uses),
  ]);
}

/** What an application used in an organization, of what members allowed it there. */
export interface UsedResources {
  /** The different resources that members picked. */
  readonly picked: number;
  /** Those of them on which, or on something under which, it did something. */
  readonly used: number;
}

const select = statement(`
  select count(*)::int as picked, count(*) filter (where was_used)::int as used from (
    select e.resource_id, bool_or(exists (
             select from application_uses u
              where u.consent_id = e.consent_id and u.organization_id = e.organization_id
                and u.day > current_date - $3::int
                and (e.database_id is null or u.database_id = e.database_id)
                and (e.branch_id is null or u.resource_id = e.branch_id))) as was_used
      from consent_entries e join consents n on n.id = e.consent_id and ${isAlive('n')}
     where e.organization_id = $1 and n.client_id = $2
     group by e.resource_id) picked`);

/** How far organizations look back. */
export const lookBackDays = 90;

/** @param days how far to look back, today included. */
export async function usedResources(
  db: Db,
  { organizationId, clientId }: ApprovalPlace,
  days: number,
): Promise<UsedResources> {
  const [row] = await db.query<UsedResources>(select, [organizationId, clientId, days]);
  return row ?? { picked: 0, used: 0 };
}
