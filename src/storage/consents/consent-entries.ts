/**
 * The `consent_entries` table: the resources of a consent, with the scopes that were agreed to for
 * each. A row only ever loses scopes, or production; what is added later goes into a row of a newer
 * version. What is picked again becomes young again.
 *
 * @module
 */

import type { Level } from '../../catalogue/scope-rule.ts';
import {
  formatScope,
  parseScopeSet,
  type ScopeSet,
  scopesAtLevel,
} from '../../catalogue/scope-set.ts';
import type { ConsentEntry } from '../../decisions/consented-scopes.ts';
import { StoredDataError } from '../../lib/errors.ts';
import { newId } from '../../lib/ids.ts';
import { type Db, statement } from '../engine/database.ts';
import { restsByAge } from './resting-entries.ts';

/** A resource by its kind and id; the user level is about the account itself. */
export interface ResourceKey {
  readonly level: Level;
  readonly id: string;
}

/** The resource of an entry, with the ids above it. */
export interface EntryResource extends ResourceKey {
  readonly organizationId: string | undefined;
  readonly databaseId: string | undefined;
}

/** An entry that is not stored yet. */
export type NewEntry = ConsentEntry & { readonly resource: EntryResource };

/** An entry as it is stored. */
export type StoredEntry = NewEntry & { readonly id: string };

interface EntryRow {
  id: string;
  account_id: string;
  level: string;
  organization_id: string | null;
  database_id: string | null;
  resource_id: string | null;
  production: boolean | null;
  includes_production: boolean;
  scope: string;
  version: number;
  rests: boolean;
}

const select = statement(`
  select id, account_id, level, organization_id, database_id, resource_id, production,
         includes_production, scope, version, ${restsByAge} as rests
    from consent_entries e where consent_id = $1 order by version, id`);

/** @returns all entries of a consent, oldest version first. */
export async function entriesOf(db: Db, consentId: string): Promise<StoredEntry[]> {
  return (await db.query<EntryRow>(select, [consentId])).map(toEntry);
}

const selectPaths = statement(`
  select e.consent_id, e.id, e.account_id, e.level, e.organization_id, e.database_id, e.resource_id,
         e.production, e.includes_production, e.scope, e.version,
         ${restsByAge} as rests,
         concat_ws('/', o.slug, d.slug, b.slug) as path
    from consents c
    join consent_entries e on e.consent_id = c.id
    left join organizations o on o.id = e.organization_id
    left join databases d on d.id = e.database_id
    left join branches b on b.id = e.branch_id
   where c.account_id = $1
   order by path, e.version, e.id`);

/** An entry with the names of its resource now, such as `acme/shop/main`; '' for the account. */
export type NamedEntry = StoredEntry & { readonly consentId: string; readonly path: string };

/** @returns the entries of all consents of an account, by path. */
export async function namedEntriesOf(db: Db, accountId: string): Promise<NamedEntry[]> {
  const rows = await db.query<EntryRow & { consent_id: string; path: string }>(selectPaths, [
    accountId,
  ]);
  return rows.map((row) => ({ ...toEntry(row), consentId: row.consent_id, path: row.path }));
}

const insert = statement(`
  insert into consent_entries (id, consent_id, account_id, level, organization_id, database_id,
                               branch_id, production, includes_production, scope, version)
  select id, $1, $2, level, organization_id, database_id, branch_id, production,
         includes_production, scope, version
    from unnest($3::uuid[], $4::text[], $5::uuid[], $6::uuid[], $7::uuid[], $8::boolean[],
                $9::boolean[], $10::text[], $11::integer[])
      as entry (id, level, organization_id, database_id, branch_id, production,
                includes_production, scope, version)`);

/**
 * Adds entries to a consent of that account.
 *
 * @throws {pg.DatabaseError} 23503: the resource, or the membership that leads there, is gone.
 */
export async function addEntries(
  tx: Db,
  consentId: string,
  accountId: string,
  entries: readonly NewEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  const column = <T>(of: (entry: NewEntry) => T) => entries.map(of);
  await tx.query(insert, [
    consentId,
    accountId,
    column(newId),
    column(({ level }) => level),
    column(({ resource }) => resource.organizationId ?? null),
    column(({ resource }) => resource.databaseId ?? null),
    column(({ resource }) => (resource.level === 'branch' ? resource.id : null)),
    column(({ production }) => production ?? null),
    column(({ includesProduction }) => includesProduction),
    column(({ scopes }) => formatScope(scopes)),
    column(({ version }) => version),
  ]);
}

const update = statement(`
  update consent_entries e
     set scope = kept.scope, includes_production = e.includes_production and kept.includes_production
    from unnest($2::uuid[], $3::text[], $4::boolean[]) as kept (id, scope, includes_production)
   where e.consent_id = $1 and e.id = kept.id`);

/** What is left of an entry. */
export interface ShrunkEntry {
  readonly id: string;
  readonly scopes: ScopeSet;
  /** False takes production branches away; true gives none back. */
  readonly includesProduction: boolean;
}

/** Leaves entries with fewer scopes, at least one each, or less reach; their versions stay. */
export async function shrinkEntries(
  tx: Db,
  consentId: string,
  entries: readonly ShrunkEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  await tx.query(update, [
    consentId,
    entries.map(({ id }) => id),
    entries.map(({ scopes }) => formatScope(scopes)),
    entries.map(({ includesProduction }) => includesProduction),
  ]);
}

const renew = statement(`
  update consent_entries set consented_at = now() where consent_id = $1 and id = any($2::uuid[])`);

/** Makes entries as young as if they were consented to for the first time now. */
export async function renewEntries(
  tx: Db,
  consentId: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length > 0) await tx.query(renew, [consentId, ids]);
}

const remove = statement(
  'delete from consent_entries where consent_id = $1 and id = any($2::uuid[])',
);

/** Deletes entries of a consent. */
export async function deleteEntries(
  tx: Db,
  consentId: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length > 0) await tx.query(remove, [consentId, ids]);
}

function toEntry(row: EntryRow): StoredEntry {
  const { level } = row;
  if (!isLevel(level)) throw new StoredDataError(`consent_entries.level holds "${level}"`);
  return {
    id: row.id,
    level,
    scopes: parseScopeSet(row.scope),
    version: row.version,
    production: row.production ?? undefined,
    includesProduction: row.includes_production,
    rests: row.rests,
    resource: {
      level,
      id: row.resource_id ?? row.account_id,
      organizationId: row.organization_id ?? undefined,
      databaseId: row.database_id ?? undefined,
    },
  };
}

function isLevel(text: string): text is Level {
  return Object.hasOwn(scopesAtLevel, text);
}
