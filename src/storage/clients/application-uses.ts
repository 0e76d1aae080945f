/**
 * The `application_uses` table, on which resources applications used what they were allowed, day by day, and
 * `application_scope_uses`, which scopes they used, by the day of the last use, and `consent_last_uses`, when a
 * consent was last used in an organization, which is kept as long as the consent. They are counted in memory
 * and written now and then (introspection/use-counter.ts).
 *
 * @module
 */

import { intersect, names, parseScopeSet, type ScopeSet } from '../../catalogue/scope-set.ts';
import { isAlive } from '../consents/consent-end.ts';
import { textArray, uuidArray, wholeArray } from '../engine/binary-arrays.ts';
import { type Db, statement } from '../engine/database.ts';
import type { ApprovalIds } from './approvals.ts';

/** So many uses by one application for one person on one resource. */
export interface CountedUse {
  readonly accountId: string;
  readonly clientId: string;
  /** Of an organization, a database or a branch. */
  readonly resourceId: string;
  readonly uses: number;
  /** Canonical names of the scopes, and `unsaid` where, once or more, nobody said which. */
  readonly scopes: readonly string[];
}

/** Written instead of a scope where nobody said which was used. */
export const unsaid = '*';

// In one order, so that two nodes that add to the same rows do not wait for each other in a circle.
const add = statement(`
  insert into application_uses (consent_id, organization_id, database_id, resource_id, day, uses)
  select n.id, named.organization_id, named.database_id, u.resource_id, current_date, u.uses
    from unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[])
      as u (account_id, client_id, resource_id, uses)
    join consents n on n.account_id = u.account_id and n.client_id = u.client_id
    cross join lateral (
      select organization_id, database_id from branches where id = u.resource_id
      union all select organization_id, id from databases where id = u.resource_id
      union all select id, null from organizations where id = u.resource_id) named
   order by n.id, u.resource_id
      on conflict (consent_id, resource_id, day) do update
         set uses = application_uses.uses + excluded.uses`);

const addScopes = statement(`
  insert into application_scope_uses (consent_id, organization_id, scope, last_day)
  select distinct n.id, named.organization_id, used.scope, current_date
    from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[])
      as u (account_id, client_id, resource_id, scopes)
    join consents n on n.account_id = u.account_id and n.client_id = u.client_id
    cross join lateral (
      select organization_id from branches where id = u.resource_id
      union all select organization_id from databases where id = u.resource_id
      union all select id from organizations where id = u.resource_id) named
    cross join lateral unnest(string_to_array(u.scopes, ' ')) as used (scope)
   order by 1, 2, 3
      on conflict (consent_id, organization_id, scope) do update
         set last_day = excluded.last_day
       where application_scope_uses.last_day < excluded.last_day`);

const addLast = statement(`
  insert into consent_last_uses (consent_id, organization_id, last_day)
  select distinct n.id, named.organization_id, current_date
    from unnest($1::uuid[], $2::text[], $3::uuid[]) as u (account_id, client_id, resource_id)
    join consents n on n.account_id = u.account_id and n.client_id = u.client_id
    cross join lateral (
      select organization_id from branches where id = u.resource_id
      union all select organization_id from databases where id = u.resource_id
      union all select id from organizations where id = u.resource_id) named
   order by 1, 2
      on conflict (consent_id, organization_id) do update set last_day = excluded.last_day
       where consent_last_uses.last_day < excluded.last_day`);

/**
 * Adds uses to those of today. What is not there any more is passed over.
 *
 * @param uses each account, client and resource at most once.
 */
export async function addUses(db: Db, uses: readonly CountedUse[]): Promise<void> {
  const where = [
    uuidArray(uses.map(({ accountId }) => accountId)),
    textArray(uses.map(({ clientId }) => clientId)),
    uuidArray(uses.map(({ resourceId }) => resourceId)),
  ];
  await db.query(add, [...where, wholeArray(uses.map((one) => one.uses))]);
  await db.query(addScopes, [...where, textArray(uses.map(({ scopes }) => scopes.join(' ')))]);
  await db.query(addLast, where);
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
  { organizationId, clientId }: ApprovalIds,
  days: number,
): Promise<UsedResources> {
  const [row] = await db.query<UsedResources>(select, [organizationId, clientId, days]);
  return row ?? { picked: 0, used: 0 };
}

/** What an application used in an organization. */
export interface AccessInUse {
  readonly resources: UsedResources;
  /** The different scopes that members allowed, and those that were used; undefined: nobody knows. */
  readonly scopes: { readonly picked: number; readonly used: number | undefined };
}

const selectAllowed = statement(`
  select coalesce(string_agg(distinct e.scope, ' '), '') as scope
    from consent_entries e join consents n on n.id = e.consent_id and ${isAlive('n')}
   where e.organization_id = $1 and n.client_id = $2`);

/** @returns what it used of what members allowed it there, as far back as organizations look. */
export async function accessInUse(db: Db, at: ApprovalIds): Promise<AccessInUse> {
  const [row] = await db.query<{ scope: string }>(selectAllowed, [at.organizationId, at.clientId]);
  const allowed = parseScopeSet(row?.scope ?? '');
  const used = await usedScopes(db, at);
  return {
    resources: await usedResources(db, at, lookBackDays),
    scopes: {
      picked: names(allowed).length,
      used: used === 'unknown' ? undefined : names(intersect(allowed, used)).length,
    },
  };
}

/** The scopes that were used; `unknown` where once or more nobody said which, or nothing was used. */
export type ScopeUse = ScopeSet | 'unknown';

const selectScopes = statement(`
  select distinct u.scope
    from application_scope_uses u join consents n on n.id = u.consent_id
   where u.organization_id = $1 and n.client_id = $2 and u.last_day > current_date - ${lookBackDays}`);

/** @returns what was used of an application's scopes in an organization, for anybody. */
export async function usedScopes(
  db: Db,
  { organizationId, clientId }: ApprovalIds,
): Promise<ScopeUse> {
  const rows = await db.query<{ scope: string }>(selectScopes, [organizationId, clientId]);
  const names = rows.map(({ scope }) => scope);
  return names.length === 0 || names.includes(unsaid) ? 'unknown' : parseScopeSet(names.join(' '));
}
