/**
 * Databases: whoever creates one is its Database Administrator at once.
 *
 * @module
 */

import { newId, printId } from '../lib/ids.ts';
import { databaseAdministratorRole } from '../members/roles.ts';
import type { Database } from '../storage/engine/database.ts';
import { insertBranch } from '../storage/tree/branches.ts';
import {
  type DatabasePlace,
  deleteDatabase as deleteStored,
  insertDatabase,
  putDatabaseRole,
  type StoredDatabase,
  updateDatabase,
} from '../storage/tree/databases.ts';
import type { Actor } from './actor.ts';
import { changeInsideDatabase, changeInsideOrganization } from './change-inside.ts';
import { checkSlug } from './names.ts';

const firstBranch = 'main';

/**
 * Creates a database with the production branch `main`.
 *
 * @throws {RefusedError} `invalid`; `conflict` slug_taken; `forbidden`; `not_found`.
 */
export async function createDatabase(
  db: Database,
  actor: Actor,
  organizationId: string,
  slug: string,
): Promise<StoredDatabase> {
  checkSlug('database', slug);
  const database = { id: newId(), organizationId, slug };
  const place = { organizationId, databaseId: database.id };
  const subject = printId('database', database.id);
  const wish = { act: 'database.created', at: { organizationId }, subject } as const;
  return changeInsideOrganization(db, actor, wish, async (tx) => {
    await insertDatabase(tx, database);
    await insertBranch(tx, { id: newId(), ...place, slug: firstBranch, production: true });
    const { accountId } = actor;
    if (accountId !== undefined) {
      await putDatabaseRole(tx, { ...place, accountId }, databaseAdministratorRole);
    }
    const administrator = accountId && printId('user', accountId);
    return { result: database, after: { slug, administrator } };
  });
}

/**
 * Changes the slug; everything stays bound to the id.
 *
 * @throws {RefusedError} `invalid`; `conflict` slug_taken; `forbidden`; `not_found`.
 */
export async function renameDatabase(
  db: Database,
  actor: Actor,
  at: DatabasePlace,
  slug: string,
): Promise<StoredDatabase> {
  checkSlug('database', slug);
  const subject = printId('database', at.databaseId);
  return changeInsideDatabase(
    db,
    actor,
    { act: 'database.renamed', at, subject },
    async (tx, here) => {
      const result = { ...here.database, slug };
      await updateDatabase(tx, result);
      return { result, before: { slug: here.database.slug }, after: { slug } };
    },
  );
}

/**
 * Deletes a database with its branches, and every role and consent entry about it.
 *
 * @throws {RefusedError} `forbidden`; `not_found`.
 */
export function deleteDatabase(db: Database, actor: Actor, at: DatabasePlace): Promise<void> {
  const subject = printId('database', at.databaseId);
  return changeInsideDatabase(
    db,
    actor,
    { act: 'database.deleted', at, subject },
    async (tx, here) => {
      await deleteStored(tx, at);
      return { result: undefined, before: { slug: here.database.slug } };
    },
  );
}
