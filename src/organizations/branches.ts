/**
 * Branches. A new one is a development branch; the last production branch stays production.
 *
 * @module
 */

import { newId, printId } from '../lib/ids.ts';
import type { Db, Work } from '../storage/engine/database.ts';
import {
  type Branch,
  type BranchIds,
  deleteBranch as deleteStored,
  hasOtherProductionBranch,
  insertBranch,
  updateBranch,
} from '../storage/tree/branches.ts';
import type { DatabaseIds } from '../storage/tree/databases.ts';
import type { Actor } from './actor.ts';
import type { BranchAct } from './acts.ts';
import { changeInside } from './inside.ts';
import { checkUnmanaged } from './managed.ts';
import { checkSlug } from './names.ts';
import { conflict } from './refusals.ts';
import { inBranch, inDatabase } from './rights.ts';

/**
 * Creates a development branch. Those of a database that a platform synchronizes are made there.
 *
 * @throws {RefusedError} `invalid`; `conflict` slug_taken, managed_by_platform; `forbidden`;
 *   `not_found`.
 */
export async function createBranch(
  work: Work,
  actor: Actor,
  { organizationId, databaseId }: DatabaseIds,
  slug: string,
): Promise<Branch> {
  checkSlug('branch', slug);
  const at = { organizationId, databaseId };
  const branch = { id: newId(), ...at, slug, production: false };
  const entrance = inDatabase(actor, 'branch.created', at);
  return changeInside(work, entrance, printId('branch', branch.id), async (tx) => {
    await checkUnmanaged(tx, actor, 'database', databaseId);
    await insertBranch(tx, branch);
    return { result: branch, after: shown(branch) };
  });
}

/**
 * Changes the slug; everything stays bound to the id.
 *
 * @throws {RefusedError} `invalid`; `conflict` slug_taken, managed_by_platform; `forbidden`;
 *   `not_found`.
 */
export async function renameBranch(
  work: Work,
  actor: Actor,
  at: BranchIds,
  slug: string,
): Promise<Branch> {
  checkSlug('branch', slug);
  return change(work, actor, at, 'branch.renamed', { slug });
}

/**
 * Makes a branch a production branch; what was agreed for a development branch rests from then on.
 *
 * @throws {RefusedError} `conflict` managed_by_platform; `forbidden`; `not_found`.
 */
export function promoteBranch(work: Work, actor: Actor, at: BranchIds): Promise<Branch> {
  return change(work, actor, at, 'branch.promoted', { production: true });
}

/**
 * Makes a branch a development branch.
 *
 * @throws {RefusedError} `conflict` last_production_branch, managed_by_platform; `forbidden`;
 *   `not_found`.
 */
export function demoteBranch(work: Work, actor: Actor, at: BranchIds): Promise<Branch> {
  return change(work, actor, at, 'branch.demoted', { production: false });
}

/**
 * Deletes a branch, and every consent entry about it.
 *
 * @throws {RefusedError} `conflict` last_production_branch, managed_by_platform; `forbidden`;
 *   `not_found`.
 */
export function deleteBranch(work: Work, actor: Actor, at: BranchIds): Promise<void> {
  return changeInside(
    work,
    inBranch(actor, 'branch.deleted', at),
    subjectOf(at),
    async (tx, { branch }) => {
      await checkUnmanaged(tx, actor, 'branch', branch.id);
      await checkProductionStays(tx, branch, false);
      await deleteStored(tx, branch);
      return { result: undefined, before: shown(branch) };
    },
  );
}

function change(
  work: Work,
  actor: Actor,
  at: BranchIds,
  act: BranchAct,
  changed: Partial<Pick<Branch, 'slug' | 'production'>>,
): Promise<Branch> {
  return changeInside(work, inBranch(actor, act, at), subjectOf(at), async (tx, { branch }) => {
    await checkUnmanaged(tx, actor, 'branch', branch.id);
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

function subjectOf({ branchId }: BranchIds): string {
  return printId('branch', branchId);
}

function shown({ databaseId, slug, production }: Branch) {
  return { database: printId('database', databaseId), slug, production };
}
