/**
 * Whom a setting of an organization concerns, counted before it is changed.
 *
 * @module
 */

import { type OrganizationRole, organizationRoleToday } from '../../members/roles.ts';
import { type Db, statement } from '../engine/database.ts';

// All of them are counted in one index alone, and those who are suspended in another.
const byRole = statement(`
  select role, sum(count)::int as count
    from (select role, count(*) as count from organization_members
           where organization_id = $1 group by role
           union all
          select role, -count(*) from organization_members
           where organization_id = $1 and suspended_at is not null group by role) counted
   group by role`);

/** @returns how many members who are not suspended have each role. */
export async function membersByRole(
  db: Db,
  organizationId: string,
): Promise<Map<OrganizationRole, number>> {
  const counts = new Map<OrganizationRole, number>();
  const rows = await db.query<{ role: string; count: number }>(byRole, [organizationId]);
  for (const { role, count } of rows) {
    const today = organizationRoleToday(role);
    counts.set(today, (counts.get(today) ?? 0) + count);
  }
  return counts;
}

/** How much that people allowed applications rests by one longest age, and not by the other. */
export interface RestingDifference {
  readonly entries: number;
  readonly people: number;
  readonly applications: number;
}

const between = statement(`
  select count(*)::int as entries, count(distinct e.account_id)::int as people,
         count(distinct c.client_id)::int as applications
    from consent_entries e join consents c on c.id = e.consent_id
   where e.organization_id = $1
     and e.consented_at <= now() - make_interval(days => $2)
     and ($3::int is null or e.consented_at > now() - make_interval(days => $3))`);

/**
 * @param olderThan days.
 * @param notOlderThan days; undefined: however old.
 * @returns what was allowed so long ago.
 */
export async function allowedBetween(
  db: Db,
  organizationId: string,
  olderThan: number,
  notOlderThan: number | undefined,
): Promise<RestingDifference> {
  const values = [organizationId, olderThan, notOlderThan ?? null];
  const [row] = await db.query<RestingDifference>(between, values);
  return row ?? { entries: 0, people: 0, applications: 0 };
}
