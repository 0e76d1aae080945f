/**
 * The `databases` table, for those who change it; what a member sees of it is in resources.ts.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** Where a database is; both ids must fit, so that no other organization's is ever reached. */
export interface DatabasePlace {
  readonly organizationId: string;
  readonly databaseId: string;
}

/** A database of an organization. */
export interface StoredDatabase {
  readonly id: string;
  readonly organizationId: string;
  readonly slug: string;
}

interface DatabaseRow {
  id: string;
  organization_id: string;
  slug: string;
}

const find = statement(`
  select id, organization_id, slug from databases where organization_id = $1 and id = $2`);

/** @returns the database; undefined when the organization has none of that id. */
export async function findDatabase(
  db: Db,
  { organizationId, databaseId }: DatabasePlace,
): Promise<StoredDatabase | undefined> {
  const [row] = await db.query<DatabaseRow>(find, [organizationId, databaseId]);
  return row && { id: row.id, organizationId: row.organization_id, slug: row.slug };
}

const insert = statement('insert into databases (organization_id, id, slug) values ($1, $2, $3)');

/** @throws {pg.DatabaseError} databases_organization_id_slug_key: the slug is taken there. */
export async function insertDatabase(tx: Db, database: StoredDatabase): Promise<void> {
  await tx.query(insert, [database.organizationId, database.id, database.slug]);
}

const update = statement('update databases set slug = $3 where organization_id = $1 and id = $2');

/** @throws {pg.DatabaseError} databases_organization_id_slug_key: the slug is taken there. */
export async function updateDatabase(tx: Db, database: StoredDatabase): Promise<void> {
  await tx.query(update, [database.organizationId, database.id, database.slug]);
}

const remove = statement('delete from databases where organization_id = $1 and id = $2');

/** Deletes a database with its branches, the roles on it and the consent entries about it. */
export async function deleteDatabase(tx: Db, place: DatabasePlace): Promise<void> {
  await tx.query(remove, [place.organizationId, place.databaseId]);
}
