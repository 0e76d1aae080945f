/**
 * The `branches` table, for those who change it; what a member sees of it is in resources.ts.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';
import type { BySlug, Listed, Part } from '../engine/listed.ts';
import type { DatabaseIds } from './databases.ts';

/** Where a branch is; all three ids must fit. */
export interface BranchIds extends DatabaseIds {
  readonly branchId: string;
}

/** A branch, with its kind now. */
export interface Branch {
  readonly id: string;
  readonly organizationId: string;
  readonly databaseId: string;
  readonly slug: string;
  readonly production: boolean;
}

interface BranchRow {
  slug: string;
  production: boolean;
}

const find = statement(`
  select slug, production from branches
   where organization_id = $1 and database_id = $2 and id = $3`);

/** @returns the branch; undefined when the database has none of that id. */
export async function findBranch(db: Db, ids: BranchIds): Promise<Branch | undefined> {
  const { organizationId, databaseId, branchId: id } = ids;
  const [row] = await db.query<BranchRow>(find, [organizationId, databaseId, id]);
  return row && { id, organizationId, databaseId, slug: row.slug, production: row.production };
}

const otherProduction = statement(`
  select exists (
    select from branches where database_id = $1 and id <> $2 and production) as found`);

/** Whether the database has another production branch than this one. */
export async function hasOtherProductionBranch(
  tx: Db,
  { databaseId, id }: Branch,
): Promise<boolean> {
  const [row] = await tx.query<{ found: boolean }>(otherProduction, [databaseId, id]);
  return row?.found === true;
}

const insert = statement(`
  insert into branches (organization_id, database_id, id, slug, production)
  values ($1, $2, $3, $4, $5)`);

/** @throws {pg.DatabaseError} branches_database_id_slug_key: the slug is taken there. */
export async function insertBranch(tx: Db, branch: Branch): Promise<void> {
  const { organizationId, databaseId, id, slug, production } = branch;
  await tx.query(insert, [organizationId, databaseId, id, slug, production]);
}

const update = statement(`
  update branches set slug = $4, production = $5
   where organization_id = $1 and database_id = $2 and id = $3`);

/** @throws {pg.DatabaseError} branches_database_id_slug_key: the slug is taken there. */
export async function updateBranch(tx: Db, branch: Branch): Promise<void> {
  const { organizationId, databaseId, id, slug, production } = branch;
  await tx.query(update, [organizationId, databaseId, id, slug, production]);
}

const remove = statement(`
  delete from branches where organization_id = $1 and database_id = $2 and id = $3`);

/** Deletes a branch and the consent entries about it. */
export async function deleteBranch(
  tx: Db,
  { organizationId, databaseId, id }: Branch,
): Promise<void> {
  await tx.query(remove, [organizationId, databaseId, id]);
}

const selectBranches = `
  select id, slug, production from branches
   where organization_id = $1 and database_id = $2 and slug > $3`;
const branches = statement(`${selectBranches} order by slug limit $4`);
const branchOfSlug = statement(`${selectBranches} and slug = $5 limit $4`);

/** @returns the branches of a database, by slug. */
export async function listBranches(
  db: Db,
  { organizationId, databaseId }: DatabaseIds,
  { slug }: BySlug,
  { after, limit }: Part,
): Promise<Listed<Branch>[]> {
  const values = [organizationId, databaseId, after?.[0] ?? '', limit];
  type Row = Pick<Branch, 'id' | 'slug' | 'production'>;
  const rows =
    slug === undefined
      ? await db.query<Row>(branches, values)
      : await db.query<Row>(branchOfSlug, [...values, slug]);
  return rows.map((row) => ({
    position: [row.slug],
    item: { ...row, organizationId, databaseId },
  }));
}
