/**
 * The status of every application that has access in an organization, and what a loss of some would
 * come to.
 *
 * @module
 */

import { parseScopeSet, type ScopeSet } from '../../catalogue/scope-set.ts';
import type { ApplicationStatus } from '../../decisions/policy.ts';
import { isAlive } from '../consents/consent-end.ts';
import { type Db, statement } from '../engine/database.ts';

/** An application with access, and what decides about it. */
export interface ApplicationWithStatus extends ApplicationStatus {
  readonly clientId: string;
  readonly name: string;
  /** All that members allowed it in the organization. */
  readonly given: ScopeSet;
  /** Whether any of it includes production branches. */
  readonly reachesProduction: boolean;
}

interface StatusRow {
  client_id: string;
  name: string;
  verified: boolean;
  owned: boolean;
  shut_out: boolean;
  approved: boolean;
  scope: string | null;
  production: boolean | null;
  max_grant_seconds: number | null;
  given: string;
  reaches_production: boolean;
}

const ofProduction = 'coalesce(e.production, e.includes_production)';

const select = statement(`
  select c.id as client_id, c.name, c.is_verified as verified,
         coalesce(c.owner_organization_id = $1, false) as owned,
         exists (select from application_shut_outs s
                  where s.organization_id = $1 and s.client_id = c.id) as shut_out,
         p.client_id is not null as approved, p.scope, p.production, p.max_grant_seconds,
         a.given, a.reaches_production
    from (select n.client_id, string_agg(distinct e.scope, ' ') as given,
                 bool_or(${ofProduction}) as reaches_production
            from consent_entries e join consents n on n.id = e.consent_id and ${isAlive('n')}
           where e.organization_id = $1
           group by n.client_id) a
    join clients c on c.id = a.client_id
    left join application_approvals p on p.organization_id = $1 and p.client_id = c.id
   order by c.name, c.id`);

/** @returns every application that somebody allowed something in the organization, by name. */
export async function applicationStatuses(
  db: Db,
  organizationId: string,
): Promise<ApplicationWithStatus[]> {
  return (await db.query<StatusRow>(select, [organizationId])).map(toStatus);
}

function toStatus(row: StatusRow): ApplicationWithStatus {
  const { scope, production, max_grant_seconds: seconds } = row;
  const approval = {
    scopes: scope === null ? undefined : parseScopeSet(scope),
    production: production === true,
    maxGrantSeconds: seconds ?? undefined,
  };
  return {
    clientId: row.client_id,
    name: row.name,
    owned: row.owned,
    verified: row.verified,
    isShutOut: row.shut_out,
    approval: row.approved ? approval : undefined,
    given: parseScopeSet(row.given),
    reachesProduction: row.reaches_production,
  };
}

/** Of how many people, and of how many consents. */
export interface Concerned {
  readonly members: number;
  readonly consents: number;
}

const count = statement(`
  select count(distinct n.account_id)::int as members, count(distinct n.id)::int as consents
    from consent_entries e join consents n on n.id = e.consent_id and ${isAlive('n')}
   where e.organization_id = $1
     and (n.client_id = any($2::text[]) or (n.client_id = any($3::text[]) and ${ofProduction}))`);

/**
 * @param whole applications that lose more than production.
 * @param production those that lose production branches alone.
 */
export async function countConcerned(
  db: Db,
  organizationId: string,
  whole: readonly string[],
  production: readonly string[],
): Promise<Concerned> {
  const [row] = await db.query<Concerned>(count, [organizationId, whole, production]);
  return row ?? { members: 0, consents: 0 };
}
