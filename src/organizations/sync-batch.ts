/**
 * Brings part of an organization to what the platform says of it: databases, branches and people,
 * many at a time.
 *
 *     read what the lines name -> line by line: what is to be done, or why not -> write it together
 *
 * A line says how a thing is to be, so the same line again changes nothing. A database or branch of
 * that slug which the platform has not named yet is taken to be the one it means: so it can name the
 * branch `main` that every database begins with.
 *
 * @module
 */

import { newId } from '../lib/ids.ts';
import type { Db } from '../storage/engine/database.ts';
import { deleteDatabaseRole, putDatabaseRole } from '../storage/tree/databases.ts';
import {
  insertSynced,
  updateSyncedBranch,
  updateSyncedDatabase,
} from '../storage/tree/sync-rows.ts';
import { checkSlug } from './names.ts';
import { conflict, invalid, RefusedError } from './refusals.ts';
import type { LineOf, SyncLine, SyncResult } from './sync-lines.ts';
import { applyDatabaseRole, applyMember, applyRemoval } from './sync-people.ts';
import {
  addBranch,
  countProduction,
  once,
  readState,
  type State,
  type SyncContext,
  slugKey,
} from './sync-state.ts';

/**
 * Does what the lines say; the caller holds the organization's lock, and takes all of it back when
 * a line is refused.
 */
export async function syncLines(
  tx: Db,
  context: SyncContext,
  lines: readonly SyncLine[],
): Promise<SyncResult[]> {
  const state = await readState(tx, context, lines);
  const results: SyncResult[] = [];
  for (const line of lines) results.push(await attempt(() => apply(tx, state, line)));
  if (results.every(({ outcome }) => outcome !== 'refused')) await write(tx, state);
  return results;
}

async function attempt(work: () => Promise<SyncResult>): Promise<SyncResult> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return { outcome: 'refused', refusal: error.refusal };
  }
}

function apply(tx: Db, state: State, line: SyncLine): Promise<SyncResult> {
  switch (line.type) {
    case 'database':
      return applyDatabase(state, line);
    case 'branch':
      return applyBranch(state, line);
    case 'member':
      return applyMember(tx, state, line);
    case 'member_removal':
      return applyRemoval(tx, state, line);
    case 'database_role':
      return applyDatabaseRole(tx, state, line);
  }
}

const firstBranch = 'main';

async function applyDatabase(state: State, line: LineOf<'database'>): Promise<SyncResult> {
  const { externalId, slug } = line;
  once(state, `database ${externalId}`, 'external_id');
  checkSlug('database', slug);
  const { organizationId, databases, databaseSlugs, added, changed } = state;
  const holder = databaseSlugs.get(slug);
  const found = databases.get(externalId) ?? (holder?.externalId === null ? holder : undefined);
  if (found && found.organizationId !== organizationId) throw conflict('external_id_taken');
  if (holder !== undefined && holder !== found) throw conflict('slug_taken');
  if (found === undefined) {
    const database = { id: newId(), organizationId, slug, externalId };
    added.databases.push(database);
    databases.set(externalId, database);
    databaseSlugs.set(slug, database);
    addBranch(state, { databaseId: database.id, slug: firstBranch, production: true });
    return { outcome: 'created', id: database.id };
  }
  if (found.slug === slug && found.externalId === externalId) return unchanged(found);
  const before = { external_id: found.externalId, slug: found.slug };
  databaseSlugs.delete(found.slug);
  Object.assign(found, { slug, externalId });
  databases.set(externalId, found);
  databaseSlugs.set(slug, found);
  changed.add(found);
  return { outcome: 'updated', id: found.id, before };
}

async function applyBranch(state: State, line: LineOf<'branch'>): Promise<SyncResult> {
  const { externalId, slug, production } = line;
  once(state, `branch ${externalId}`, 'external_id');
  checkSlug('branch', slug);
  const { organizationId, databases, branches, branchSlugs, added, changed } = state;
  const parent = databases.get(line.database);
  if (parent?.organizationId !== organizationId) {
    throw invalid({ field: 'database', message: 'must be a database of this organization' });
  }
  const holder = branchSlugs.get(slugKey({ databaseId: parent.id, slug }));
  const found = branches.get(externalId) ?? (holder?.externalId === null ? holder : undefined);
  if (found && found.databaseId !== parent.id) throw conflict('external_id_taken');
  if (holder !== undefined && holder !== found) throw conflict('slug_taken');
  if (found === undefined) {
    const branch = addBranch(state, { databaseId: parent.id, slug, production, externalId });
    branches.set(externalId, branch);
    return { outcome: 'created', id: branch.id };
  }
  const isSame = found.slug === slug && found.production === production;
  if (isSame && found.externalId === externalId) return unchanged(found);
  if (found.production && !production && countProduction(state, found, 0) < 2) {
    throw conflict('last_production_branch');
  }
  countProduction(state, found, Number(production) - Number(found.production));
  const before = {
    external_id: found.externalId,
    slug: found.slug,
    production: found.production,
  };
  branchSlugs.delete(slugKey(found));
  Object.assign(found, { slug, production, externalId });
  branches.set(externalId, found);
  branchSlugs.set(slugKey(found), found);
  if (!added.branches.includes(found)) changed.add(found);
  return { outcome: 'updated', id: found.id, before };
}

function unchanged({ id }: { readonly id: string }): SyncResult {
  return { outcome: 'unchanged', id };
}

/** Changes first: what they give up may be taken by what is added. */
async function write(tx: Db, { organizationId, added, changed, roles }: State): Promise<void> {
  for (const thing of changed) {
    if ('databaseId' in thing) await updateSyncedBranch(tx, thing);
    else await updateSyncedDatabase(tx, thing);
  }
  await insertSynced(tx, organizationId, added);
  for (const { role, ...of } of roles) {
    const at = { organizationId, ...of };
    await (role === undefined ? deleteDatabaseRole(tx, at) : putDatabaseRole(tx, at, role));
  }
}
