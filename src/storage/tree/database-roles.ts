/**
 * The `database_roles` table: roles given directly on one database; and what teams add to them.
 *
 * @module
 */

import type { DatabaseRoles } from '../../members/permissions.ts';
import type { DatabaseRole } from '../../members/roles.ts';
import { type Db, statement } from '../engine/database.ts';
import type { DatabasePlace } from './databases.ts';

/** One person's place on one database. */
export interface DatabasePerson extends DatabasePlace {
  readonly accountId: string;
}

interface RolesRow {
  direct: string | null;
  team: boolean;
}

const find = statement(`
  select (select role from database_roles
           where organization_id = $1 and database_id = $2 and account_id = $3) as direct,
         exists (select from team_members m
                   join team_databases d on d.team_id = m.team_id
                  where m.organization_id = $1 and d.database_id = $2 and m.account_id = $3) as team`);

/** @returns the roles that the person was given on the database, none for a stranger. */
export async function databaseRolesOf(db: Db, person: DatabasePerson): Promise<DatabaseRoles> {
  const values = [person.organizationId, person.databaseId, person.accountId];
  const [row] = await db.query<RolesRow>(find, values);
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

const remove = statement(`
  delete from database_roles
   where organization_id = $1 and database_id = $2 and account_id = $3`);

/** Takes a person's direct role on a database away. */
export async function deleteDatabaseRole(tx: Db, person: DatabasePerson): Promise<void> {
  await tx.query(remove, [person.organizationId, person.databaseId, person.accountId]);
}
