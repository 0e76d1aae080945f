/**
 * What members allowed an application in an organization, and nobody uses: resources on which, and under
 * which, nothing was done for anybody, and scopes that were used for nobody. It is read from the counts of
 * application-uses.ts, and ended here, entry by entry; other organizations' entries stay.
 *
 * @module
 */

import {
  emptySet,
  formatScope,
  isEmpty,
  parseScopeSet,
  type ScopeSet,
  union,
  without,
} from '../../catalogue/scope-set.ts';
import { isAlive } from '../consents/consent-end.ts';
import { type Db, statement } from '../engine/database.ts';
import { lookBackDays, type ScopeUse, usedScopes } from './application-uses.ts';
import type { ApprovalIds } from './approvals.ts';

/** A picked resource that nobody's application did anything on. */
interface UnusedResource {
  readonly level: 'organization' | 'database' | 'branch';
  /** By the slugs now: `acme/shop/main`. */
  readonly path: string;
  /** How many people allowed it. */
  readonly members: number;
}

/** What would end. */
export interface UnusedAccess {
  /** By path; the first of them, where there are very many. */
  readonly resources: readonly UnusedResource[];
  readonly resourceCount: number;
  /** On what is used; empty where nobody knows. */
  readonly scopes: ScopeSet;
  /** Of how many people something would end. */
  readonly members: number;
}

/** The entries of living consents, and whether something was done on their resource, for anybody. */
const entries = `
  with entry as (
    select e.id, e.account_id, e.level, e.organization_id, e.database_id, e.branch_id,
           e.resource_id, e.scope,
           bool_or(exists (
             select from application_uses u
              where u.consent_id = e.consent_id and u.organization_id = e.organization_id
                and u.day > current_date - ${lookBackDays}
                and (e.database_id is null or u.database_id = e.database_id)
                and (e.branch_id is null or u.resource_id = e.branch_id)))
             over (partition by e.resource_id) as is_used
      from consent_entries e join consents n on n.id = e.consent_id and ${isAlive('n')}
     where e.organization_id = $1 and n.client_id = $2)`;

const mostNamed = 200;

const selectResources = statement(`${entries}
  select e.level, concat_ws('/', o.slug, d.slug, b.slug) as path,
         count(distinct e.account_id)::int as members, count(*) over ()::int as total
    from entry e
    join organizations o on o.id = e.organization_id
    left join databases d on d.id = e.database_id
    left join branches b on b.id = e.branch_id
   where not e.is_used
   group by e.level, e.resource_id, o.slug, d.slug, b.slug
   order by path, e.level limit ${mostNamed}`);

const selectScopes = statement(`${entries}
  select coalesce(bool_or(is_used), false) as is_counted,
         coalesce(array_agg(distinct scope) filter (where is_used), '{}') as scopes from entry`);

const selectMembers = statement(`${entries}
  select count(distinct account_id)::int as members from entry
   where not is_used or scope = any($3::text[])`);

/** What is left of each scope text that loses something. */
type Narrowed = ReadonlyMap<string, ScopeSet>;

interface Unused {
  readonly isCounted: boolean;
  readonly scopes: ScopeSet;
  readonly narrowed: Narrowed;
}

/** @returns what nobody used; nothing where no use was counted at all. */
export async function findUnused(db: Db, at: ApprovalIds): Promise<UnusedAccess> {
  const { isCounted, scopes, narrowed } = await unusedIn(db, at);
  if (!isCounted) return { resources: [], resourceCount: 0, scopes, members: 0 };
  const ids = [at.organizationId, at.clientId];
  const resources = await db.query<UnusedResource & { total: number }>(selectResources, ids);
  const [row] = await db.query<{ members: number }>(selectMembers, [...ids, [...narrowed.keys()]]);
  return {
    resources: resources.map(({ level, path, members }) => ({ level, path, members })),
    resourceCount: resources[0]?.total ?? 0,
    scopes,
    members: row?.members ?? 0,
  };
}

async function unusedIn(db: Db, at: ApprovalIds): Promise<Unused> {
  const ids = [at.organizationId, at.clientId];
  const [row] = await db.query<{ is_counted: boolean; scopes: string[] }>(selectScopes, ids);
  const use = await usedScopes(db, at);
  const allowed = (row?.scopes ?? []).map((text) => [text, parseScopeSet(text)] as const);
  return { isCounted: row?.is_counted === true, ...narrow(allowed, use) };
}

function narrow(allowed: readonly (readonly [string, ScopeSet])[], use: ScopeUse) {
  const narrowed = new Map<string, ScopeSet>();
  if (use === 'unknown') return { scopes: emptySet, narrowed };
  let scopes = emptySet;
  for (const [text, set] of allowed) {
    const lost = without(set, use);
    if (isEmpty(lost)) continue;
    narrowed.set(text, without(set, lost));
    scopes = union(scopes, lost);
  }
  return { scopes, narrowed };
}

const deleteUnused = statement(`${entries}, gone as (
    delete from consent_entries c using entry e
     where c.id = e.id and (not e.is_used or e.scope = any($3::text[]))
    returning c.account_id)
  select account_id from gone`);

const shrink = statement(`
  update consent_entries e set scope = kept.scope
    from consents n, unnest($3::text[], $4::text[]) as kept (before, scope)
   where n.id = e.consent_id and n.client_id = $2 and ${isAlive('n')}
     and e.organization_id = $1 and e.scope = kept.before
  returning e.account_id`);

/** What ended. */
export interface EndedUnused {
  /** By account, in the order of their ids. */
  readonly members: readonly string[];
  /** Entries that ended whole. */
  readonly entries: number;
  /** Entries that lost scopes. */
  readonly narrowed: number;
}

/** Ends what `findUnused` finds at that moment. Whoever calls it holds the application against consents. */
export async function endUnused(tx: Db, at: ApprovalIds): Promise<EndedUnused> {
  const { isCounted, narrowed } = await unusedIn(tx, at);
  if (!isCounted) return { members: [], entries: 0, narrowed: 0 };
  const ids = [at.organizationId, at.clientId];
  const texts = [...narrowed].map(([text, set]) => [text, formatScope(set)] as const);
  const emptied = texts.filter(([, kept]) => kept === '').map(([text]) => text);
  const kept = texts.filter(([, left]) => left !== '');
  const ended = await tx.query<{ account_id: string }>(deleteUnused, [...ids, emptied]);
  const values = [...ids, kept.map(([text]) => text), kept.map(([, left]) => left)];
  const shrunk = await tx.query<{ account_id: string }>(shrink, values);
  const members = new Set([...ended, ...shrunk].map(({ account_id: id }) => id));
  return { members: [...members].toSorted(), entries: ended.length, narrowed: shrunk.length };
}
