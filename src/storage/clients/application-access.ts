/**
 * What the members of an organization allowed to applications there: which applications, and of each,
 * who allowed what on which resources. Read from `consents` and `consent_entries`; nothing of other
 * organizations, and nothing of people's own accounts, is shown.
 *
 * @module
 */

import { parseScopeSet, type ScopeSet } from '../../catalogue/scope-set.ts';
import { isAlive } from '../consents/consent-end.ts';
import { restsByAge } from '../consents/resting-entries.ts';
import { type Db, statement } from '../engine/database.ts';
import type { Listed, Part } from '../engine/listed.ts';
import type { ApprovalIds } from './approvals.ts';
import { logoDigestOf } from './client-logos.ts';

/** An application, with what all members together allowed it in the organization. */
export interface ApplicationAccess {
  readonly clientId: string;
  readonly name: string;
  /** The digest of its logo, see client-logos.ts. */
  readonly logo: string | undefined;
  readonly isVerified: boolean;
  /** Whether the organization owns it. */
  readonly isOwned: boolean;
  readonly isApproved: boolean;
  /** How many people allowed something. */
  readonly members: number;
  readonly entries: number;
  readonly scopes: ScopeSet;
  /** Since when somebody has. */
  readonly since: Date;
  /** The day on which somebody's was last used in the organization. */
  readonly lastUsedAt: Date | undefined;
  /** From when on that is known, where some were allowed before. */
  readonly knownSince: Date | undefined;
}

interface AccessRow {
  client_id: string;
  name: string;
  logo: string | null;
  is_verified: boolean;
  owned: boolean;
  approved: boolean;
  members: number;
  entries: number;
  scope: string;
  since: Date;
  last_used_at: Date | null;
  known_since: Date | null;
}

/** SQL: the day, in UTC, on which consent `n` was last used in the organization. */
const lastUse = `(select u.last_day::timestamp at time zone 'UTC' from consent_last_uses u
                  where u.consent_id = n.id and u.organization_id = $1)`;

/** SQL: from when on uses are known, where something was allowed before. */
const knownSince = (since: string) => `(
         select o.uses_counted_from::timestamp at time zone 'UTC' from organizations o
          where o.id = $1 and ${since} < o.uses_counted_from)`;

const ofApplications = (which: string) => `
  select c.id as client_id, c.name, c.is_verified, ${logoDigestOf('c.id')} as logo,
         coalesce(c.owner_organization_id = $1, false) as owned,
         exists (select from application_approvals p
                  where p.organization_id = $1 and p.client_id = c.id) as approved,
         a.members, a.entries, a.scope, a.since, a.last_used_at,
         ${knownSince('a.since')} as known_since
    from (select n.client_id, count(distinct n.account_id)::int as members,
                 sum(e.entries)::int as entries, string_agg(distinct e.scope, ' ') as scope,
                 min(e.since) as since,
                 max(${lastUse}) as last_used_at
            from (select consent_id, count(*) as entries, min(created_at) as since,
                         string_agg(distinct scope, ' ') as scope
                    from consent_entries where organization_id = $1 group by consent_id) e
            join consents n on n.id = e.consent_id and ${isAlive('n')}
           where ${which}
           group by n.client_id) a
    join clients c on c.id = a.client_id`;

const list = statement(`${ofApplications('n.client_id > $2')} order by c.id limit $3`);
const one = statement(ofApplications('n.client_id = $2'));

/** @returns the applications that somebody allowed something in the organization, by client id. */
export async function listApplicationAccess(
  db: Db,
  organizationId: string,
  { after, limit }: Part,
): Promise<Listed<ApplicationAccess>[]> {
  const rows = await db.query<AccessRow>(list, [organizationId, after?.[0] ?? '', limit]);
  return rows.map((row) => ({ position: [row.client_id], item: toAccess(row) }));
}

/** @returns what the application has; undefined where nobody allowed it anything there. */
export async function findApplicationAccess(
  db: Db,
  { organizationId, clientId }: ApprovalIds,
): Promise<ApplicationAccess | undefined> {
  const [row] = await db.query<AccessRow>(one, [organizationId, clientId]);
  return row && toAccess(row);
}

function toAccess(row: AccessRow): ApplicationAccess {
  return {
    clientId: row.client_id,
    name: row.name,
    logo: row.logo ?? undefined,
    isVerified: row.is_verified,
    isOwned: row.owned,
    isApproved: row.approved,
    members: row.members,
    entries: row.entries,
    scopes: parseScopeSet(row.scope),
    since: row.since,
    lastUsedAt: row.last_used_at ?? undefined,
    knownSince: row.known_since ?? undefined,
  };
}

/** One resource that somebody picked for an application. */
interface AllowedResource {
  readonly level: 'organization' | 'database' | 'branch';
  /** By the slugs now: `acme/shop/main`. */
  readonly path: string;
  readonly scopes: ScopeSet;
  /** Whether production branches are included; of a branch, what it was when it was picked. */
  readonly production: boolean;
  /** Of no effect until it is allowed again: it is older than the organization lets one grow. */
  readonly rests: boolean;
}

/** What one member allowed an application in the organization. */
export interface MemberAccess {
  readonly accountId: string;
  readonly name: string;
  readonly email: string;
  readonly resources: readonly AllowedResource[];
  readonly since: Date;
  /** When the whole consent ends; undefined: only when it is taken back. */
  readonly expiresAt: Date | undefined;
  /** The day on which it was last used in the organization. */
  readonly lastUsedAt: Date | undefined;
  /** From when on that is known, where it was allowed before. */
  readonly knownSince: Date | undefined;
}

interface MemberRow {
  account_id: string;
  name: string;
  email: string;
  since: Date;
  expires_at: Date | null;
  last_used_at: Date | null;
  known_since: Date | null;
  resources: [AllowedResource['level'], string, string, boolean, boolean][];
}

const members = statement(`
  select n.account_id, p.name, p.email, n.expires_at, e.since, e.resources,
         ${lastUse} as last_used_at, ${knownSince('e.since')} as known_since
    from consents n
    join accounts p on p.id = n.account_id
    cross join lateral (
      select min(e.created_at) as since,
             json_agg(json_build_array(e.level, concat_ws('/', o.slug, d.slug, b.slug), e.scope,
                 coalesce(e.production, e.includes_production), ${restsByAge})
               order by concat_ws('/', o.slug, d.slug, b.slug)) as resources
        from consent_entries e
        join organizations o on o.id = e.organization_id
        left join databases d on d.id = e.database_id
        left join branches b on b.id = e.branch_id
       where e.consent_id = n.id and e.organization_id = $1) e
   where n.client_id = $2 and ${isAlive('n')} and e.since is not null
     and ($3::uuid is null or n.account_id > $3)
     and exists (select from consent_entries x where x.consent_id = n.id and x.organization_id = $1)
   order by n.account_id limit $4`);

/** @returns who allowed the application what in the organization, by the id of their account. */
export async function listMemberAccess(
  db: Db,
  { organizationId, clientId }: ApprovalIds,
  { after, limit }: Part,
): Promise<Listed<MemberAccess>[]> {
  const values = [organizationId, clientId, after?.[0] ?? null, limit];
  const rows = await db.query<MemberRow>(members, values);
  return rows.map((row) => ({ position: [row.account_id], item: toMember(row) }));
}

function toMember(row: MemberRow): MemberAccess {
  return {
    accountId: row.account_id,
    name: row.name,
    email: row.email,
    since: row.since,
    expiresAt: row.expires_at ?? undefined,
    lastUsedAt: row.last_used_at ?? undefined,
    knownSince: row.known_since ?? undefined,
    resources: row.resources.map(([level, path, scope, production, rests]) => ({
      level,
      path,
      scopes: parseScopeSet(scope),
      production,
      rests,
    })),
  };
}
