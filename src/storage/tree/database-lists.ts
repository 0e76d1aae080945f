/**
 * The databases of an organization by slug: all of them, or those on which one member was given a
 * role; the branches of a database; the people of a database.
 *
 * @module
 */

import { type DatabaseRole, databaseRoleToday, namesOfRole } from '../../members/roles.ts';
import { type Db, statement } from '../engine/database.ts';
import { type BySlug, type Listed, noId, type Part } from '../engine/listed.ts';
import type { MemberPlace } from '../people/members.ts';
import type { Branch } from './branches.ts';
import type { DatabasePlace, StoredDatabase } from './databases.ts';

const selectAll = 'select id, slug from databases where organization_id = $1 and slug > $2';
const all = statement(`${selectAll} order by slug limit $3`);
const ofSlug = statement(`${selectAll} and slug = $4 limit $3`);

/** @returns the databases of an organization. */
export async function listDatabases(
  db: Db,
  organizationId: string,
  { slug }: BySlug,
  { after, limit }: Part,
): Promise<Listed<StoredDatabase>[]> {
  const values = [organizationId, after?.[0] ?? '', limit];
  return slug === undefined
    ? toDatabases(organizationId, db, all, values)
    : toDatabases(organizationId, db, ofSlug, [...values, slug]);
}

const selectGiven = `
  select id, slug from databases
   where organization_id = $1 and slug > $2 and id in (
     select database_id from database_roles where organization_id = $1 and account_id = $4
     union
     select d.database_id from team_members m join team_databases d on d.team_id = m.team_id
      where m.organization_id = $1 and m.account_id = $4)`;
const given = statement(`${selectGiven} order by slug limit $3`);
const givenOfSlug = statement(`${selectGiven} and slug = $5 limit $3`);

/** @returns the databases on which the member has a role of their own or through a team. */
export async function listGivenDatabases(
  db: Db,
  { organizationId, accountId }: MemberPlace,
  { slug }: BySlug,
  { after, limit }: Part,
): Promise<Listed<StoredDatabase>[]> {
  const values = [organizationId, after?.[0] ?? '', limit, accountId];
  return slug === undefined
    ? toDatabases(organizationId, db, given, values)
    : toDatabases(organizationId, db, givenOfSlug, [...values, slug]);
}

async function toDatabases(
  organizationId: string,
  db: Db,
  list: ReturnType<typeof statement>,
  values: readonly unknown[],
): Promise<Listed<StoredDatabase>[]> {
  const rows = await db.query<Omit<StoredDatabase, 'organizationId'>>(list, values);
  return rows.map((row) => ({ position: [row.slug], item: { ...row, organizationId } }));
}

const selectBranches = `
  select id, slug, production from branches
   where organization_id = $1 and database_id = $2 and slug > $3`;
const branches = statement(`${selectBranches} order by slug limit $4`);
const branchOfSlug = statement(`${selectBranches} and slug = $5 limit $4`);

/** @returns the branches of a database, by slug. */
export async function listBranches(
  db: Db,
  { organizationId, databaseId }: DatabasePlace,
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

/** Somebody who was given a role on a database directly. */
export interface DatabaseMember {
  readonly accountId: string;
  readonly email: string;
  readonly name: string;
  readonly role: DatabaseRole;
}

interface PersonRow {
  account_id: string;
  email: string;
  name: string;
  role: string;
}

const selectPeople = `
  select r.account_id, a.email, a.name, r.role
    from database_roles r join accounts a on a.id = r.account_id
   where r.organization_id = $1 and r.database_id = $2 and r.account_id > $3`;
const people = statement(`${selectPeople} order by r.account_id limit $4`);
const peopleInRole = statement(
  `${selectPeople} and r.role = any($5::text[]) order by r.account_id limit $4`,
);

/** @returns the people of a database, or those in one role, in an order of no meaning. */
export async function listDatabaseMembers(
  db: Db,
  { organizationId, databaseId }: DatabasePlace,
  role: DatabaseRole | undefined,
  { after, limit }: Part,
): Promise<Listed<DatabaseMember>[]> {
  const values = [organizationId, databaseId, after?.[0] ?? noId, limit];
  const rows =
    role === undefined
      ? await db.query<PersonRow>(people, values)
      : await db.query<PersonRow>(peopleInRole, [...values, namesOfRole(role)]);
  return rows.map((row) => ({ position: [row.account_id], item: toPerson(row) }));
}

function toPerson({ account_id: accountId, email, name, role }: PersonRow): DatabaseMember {
  return { accountId, email, name, role: databaseRoleToday(role) };
}
