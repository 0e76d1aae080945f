/**
 * Databases: whoever creates one is its Database Administrator at once.
 *
 * @module
 */

import { newId, printId } from '../lib/ids.ts';
import { databaseAdministratorRole } from '../members/roles.ts';
import type { Reader, Work } from '../storage/engine/database.ts';
import type { BySlug, Listed, Part } from '../storage/engine/listed.ts';
import { insertBranch } from '../storage/tree/branches.ts';
import {
  type DatabaseIds,
  deleteDatabase as deleteStored,
  insertDatabase,
  listDatabases,
  listGivenDatabases,
  putDatabaseRole,
  type StoredDatabase,
  updateDatabase,
} from '../storage/tree/databases.ts';
import type { Actor } from './actor.ts';
import { changeInside, readInside } from './inside.ts';
import { checkUnmanaged } from './managed.ts';
import { checkSlug } from './names.ts';
import { inDatabase, inOrganization, type OrganizationIds } from './rights.ts';

const firstBranch = 'main';

/**
 * Creates a database with the production branch `main`.
 *
 * @throws {RefusedError} `invalid`; `conflict` slug_taken; `forbidden`; `not_found`.
 */
export async function createDatabase(
  work: Work,
  actor: Actor,
  organizationId: string,
  slug: string,
): Promise<StoredDatabase> {
  checkSlug('database', slug);
  const database = { id: newId(), organizationId, slug };
  const ids = { organizationId, databaseId: database.id };
  const entrance = inOrganization(actor, 'database.created', { organizationId });
  return changeInside(work, entrance, printId('database', database.id), async (tx) => {
    await insertDatabase(tx, database);
    await insertBranch(tx, { id: newId(), ...ids, slug: firstBranch, production: true });
    const { accountId } = actor;
    if (accountId !== undefined) {
      await putDatabaseRole(tx, { ...ids, accountId }, databaseAdministratorRole);
    }
    const administrator = accountId && printId('user', accountId);
    return { result: database, after: { slug, administrator } };
  });
}

/**
 * Changes the slug; everything stays bound to the id.
 *
 * @throws {RefusedError} `invalid`; `conflict` slug_taken, managed_by_platform; `forbidden`;
 *   `not_found`.
 */
export async function renameDatabase(
  work: Work,
  actor: Actor,
  at: DatabaseIds,
  slug: string,
): Promise<StoredDatabase> {
  checkSlug('database', slug);
  const entrance = inDatabase(actor, 'database.renamed', at);
  return changeInside(work, entrance, subjectOf(at), async (tx, { database }) => {
    await checkUnmanaged(tx, actor, 'database', database.id);
    const result = { ...database, slug };
    await updateDatabase(tx, result);
    return { result, before: { slug: database.slug }, after: { slug } };
  });
}

/**
 * Deletes a database with its branches, and every role and consent entry about it.
 *
 * @throws {RefusedError} `conflict` managed_by_platform; `forbidden`; `not_found`.
 */
export function deleteDatabase(work: Work, actor: Actor, at: DatabaseIds): Promise<void> {
  const entrance = inDatabase(actor, 'database.deleted', at);
  return changeInside(work, entrance, subjectOf(at), async (tx, { database }) => {
    await checkUnmanaged(tx, actor, 'database', database.id);
    await deleteStored(tx, at);
    return { result: undefined, before: { slug: database.slug } };
  });
}

/**
 * @returns the databases that the actor may see: all, where the organization gives its members any
 *   role at all; else those on which they were given one.
 * @throws {RefusedError} `not_found`.
 */
export function visibleDatabases(
  db: Reader,
  actor: Actor,
  at: OrganizationIds,
  by: BySlug,
  part: Part,
): Promise<Listed<StoredDatabase>[]> {
  const { organizationId } = at;
  return readInside(db, inOrganization(actor, 'databases.read', at), async (tx, here) => {
    const { accountId } = actor;
    const seesAll = here.asAdministrator || here.organization.baseRole !== 'none';
    if (seesAll || accountId === undefined) return listDatabases(tx, organizationId, by, part);
    return listGivenDatabases(tx, { organizationId, accountId }, by, part);
  });
}

function subjectOf({ databaseId }: DatabaseIds): string {
  return printId('database', databaseId);
}
