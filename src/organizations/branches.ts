/**
 * Branches. A new one is a development branch; the last production branch stays production.
 *
 * @module
 */

import { newId, printId } from '../lib/ids.ts';
import type { Database, Db } from '../storage/engine/database.ts';
import {
  type Branch,
  type BranchPlace,
  deleteBranch as deleteStored,
  hasOtherProductionBranch,
  insertBranch,
  updateBranch,
} from '../storage/tree/branches.ts';
import type { DatabasePlace } from '../storage/tree/databases.ts';
import type { Actor } from './actor.ts';
import type { BranchAct } from './acts.ts';
import { changeInsideBranch, changeInsideDatabase } from './change-inside.ts';
import { checkSlug } from './names.ts';
import { conflict } from './refusals.ts';

/**
 * Creates a development branch.
 *
 * @throws {RefusedError} `invalid`; `conflict` slug_taken; `forbidden`; `not_found`.
 */
export async function createBranch(
  db: Database,
  actor: Actor,
  { organizationId, databaseId }: DatabasePlace,
  slug: string,
): Promise<Branch> {
  checkSlug('branch', slug);
  const at = { organizationId, databaseId };
  const branch = { id: newId(), ...at, slug, production: false };
  const wish = { act: 'branch.created', at, subject: printId('branch', branch.id) } as const;
  return changeInsideDatabase(db, actor, wish, async (tx) => {
    await insertBranch(tx, branch);
    return { result: branch, after: shown(branch) };
  });
}

/**
 * Changes the slug; everything stays bound to the id.
 *
 * @throws {RefusedError} `invalid`; `conflict` slug_taken; `forbidden`; `not_found`.
 */
export async function renameBranch(
  db: Database,
  actor: Actor,
  at: BranchPlace,
  slug: string,
): Promise<Branch> {
  checkSlug('branch', slug);
  return change(db, actor, at, 'branch.renamed', { slug });
}

/**
 * Makes a branch a production branch; what was agreed for a development branch rests from then on.
 *
 * @throws {RefusedError} `forbidden`; `not_found`.
 */
export function promoteBranch(db: Database, actor: Actor, at: BranchPlace): Promise<Branch> {
  return change(db, actor, at, 'branch.promoted', { production: true });
}

/**
 * Makes a branch a development branch.
 *
 * @throws {RefusedError} `conflict` last_production_branch; `forbidden`; `not_found`.
 */
export function demoteBranch(db: Database, actor: Actor, at: BranchPlace): Promise<Branch> {
  return change(db, actor, at, 'branch.demoted', { production: false });
}

/**
 * Deletes a branch, and every consent entry about it.
 *
 * @throws {RefusedError} `conflict` last_production_branch; `forbidden`; `not_found`.
 */
export function deleteBranch(db: Database, actor: Actor, at: BranchPlace): Promise<void> {
  return changeInsideBranch(db, actor, wishFor('branch.deleted', at), async (tx, { branch }) => {
    await checkProductionStays(tx, branch, false);
    await deleteStored(tx, branch);
    return { result: undefined, before: shown(branch) };
  });
}

function change(
  db: Database,
  actor: Actor,
  at: BranchPlace,
  act: BranchAct,
  changed: Partial<Pick<Branch, 'slug' | 'production'>>,
): Promise<Branch> {
  return changeInsideBranch(db, actor, wishFor(act, at), async (tx, { branch }) => {
    const result = { ...branch, ...changed };
    await checkProductionStays(tx, branch, result.production);
    await updateBranch(tx, result);
    return { result, before: shown(branch), after: shown(result) };
  });
}

async function checkProductionStays(tx: Db, branch: Branch, stays: boolean): Promise<void> {
  if (!branch.production || stays) return;
  if (!(await hasOtherProductionBranch(tx, branch))) throw conflict('last_production_branch');
}

function wishFor(act: BranchAct, at: BranchPlace) {
  return { act, at, subject: printId('branch', at.branchId) };
}

function shown({ databaseId, slug, production }: Branch) {
  return { database: printId('database', databaseId), slug, production };
}
