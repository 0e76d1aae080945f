/**
 * The `databases` table, for those who change it; what a member sees of it is in resources.ts.
 *
 * The databases of an organization by slug: all of them, or those on which one member was given a
 * role; the people of a database.
 *
 * The `database_roles` table: roles given directly on one database; and what teams add to them.
 *
 * @module
 */

import type { DatabaseRoles } from '../../members/permissions.ts';
import { type DatabaseRole, databaseRoleToday, namesOfRole } from '../../members/roles.ts';
import { type Db, statement } from '../engine/database.ts';
import { type BySlug, type Listed, noId, type Part } from '../engine/listed.ts';
import type { MemberIds } from '../people/members.ts';

/** Where a database is; both ids must fit, so that no other organization's is ever reached. */
export interface DatabaseIds {
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
  { organizationId, databaseId }: DatabaseIds,
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
export async function deleteDatabase(tx: Db, ids: DatabaseIds): Promise<void> {
  await tx.query(remove, [ids.organizationId, ids.databaseId]);
}

const selectAll = 'select id, slug from databases where organization_id = $1 and slug > $2';
const all = statement(`${selectAll} order by slug limit $3`);
const ofSlug = statement(`${selectAll} and slug = $4 limit $3`);
const ofPart = statement(`${selectAll} and position($4 in slug) > 0 order by slug limit $3`);

/** @returns the databases of an organization. */
export async function listDatabases(
  db: Db,
  organizationId: string,
  { slug, part }: BySlug,
  { after, limit }: Part,
): Promise<Listed<StoredDatabase>[]> {
  const values = [organizationId, after?.[0] ?? '', limit];
  if (part !== undefined) return toDatabases(organizationId, db, ofPart, [...values, part]);
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
const givenOfPart = statement(`${selectGiven} and position($5 in slug) > 0 order by slug limit $3`);

/** @returns the databases on which the member has a role of their own or through a team. */
export async function listGivenDatabases(
  db: Db,
  { organizationId, accountId }: MemberIds,
  { slug, part }: BySlug,
  { after, limit }: Part,
): Promise<Listed<StoredDatabase>[]> {
  const values = [organizationId, after?.[0] ?? '', limit, accountId];
  if (part !== undefined) return toDatabases(organizationId, db, givenOfPart, [...values, part]);
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
  { organizationId, databaseId }: DatabaseIds,
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

/** The ids of one person on one database. */
export interface DatabasePerson extends DatabaseIds {
  readonly accountId: string;
}

interface RolesRow {
  direct: string | null;
  team: boolean;
}

const findRole = statement(`
  select (select role from database_roles
           where organization_id = $1 and database_id = $2 and account_id = $3) as direct,
         exists (select from team_members m
                   join team_databases d on d.team_id = m.team_id
                  where m.organization_id = $1 and d.database_id = $2 and m.account_id = $3) as team`);

/** @returns the roles that the person was given on the database, none for a stranger. */
export async function databaseRolesOf(db: Db, person: DatabasePerson): Promise<DatabaseRoles> {
  const values = [person.organizationId, person.databaseId, person.accountId];
  const [row] = await db.query<RolesRow>(findRole, values);
  const direct = row?.direct ?? undefined;
  return { direct, team: row?.team === true };
}

const put = statement(`
  insert into database_roles (organization_id, database_id, account_id, role)
  values ($1, $2, $3, $4)
      on conflict (database_id, account_id) do update set role = excluded.role, given_at = now()`);

/**
 * Gives a member a direct role on a database, or changes the one that is there.
 *
 * @throws {pg.DatabaseError} 23503: no member, or no such database.
 */
export async function putDatabaseRole(
  tx: Db,
  { organizationId, databaseId, accountId }: DatabasePerson,
  role: DatabaseRole,
): Promise<void> {
  await tx.query(put, [organizationId, databaseId, accountId, role]);
}

const removeRole = statement(`
  delete from database_roles
   where organization_id = $1 and database_id = $2 and account_id = $3`);

/** Takes a person's direct role on a database away. */
export async function deleteDatabaseRole(tx: Db, person: DatabasePerson): Promise<void> {
  await tx.query(removeRole, [person.organizationId, person.databaseId, person.accountId]);
}

/** A database, and the role that one member was given there. */
export interface GivenRole {
  readonly database: StoredDatabase;
  readonly role: DatabaseRole;
}

const rolesOfMember = statement(`
  select d.id, d.slug, r.role from database_roles r join databases d on d.id = r.database_id
   where r.organization_id = $1 and r.account_id = $2 and r.database_id > $3
   order by r.database_id limit $4`);

/** @returns the databases on which a member was given a role directly, in an order of no meaning. */
export async function listRolesOfMember(
  db: Db,
  { organizationId, accountId }: MemberIds,
  { after, limit }: Part,
): Promise<Listed<GivenRole>[]> {
  const values = [organizationId, accountId, after?.[0] ?? noId, limit];
  const rows = await db.query<{ id: string; slug: string; role: string }>(rolesOfMember, values);
  return rows.map(({ id, slug, role }) => {
    return { position: [id], item: { database: { id, slug, organizationId }, role } };
  });
}
