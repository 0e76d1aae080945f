/**
 * Where one member has something: the teams they are in, and the databases on which a role was given
 * to them directly. And the other way round, the teams of one database.
 *
 * @module
 */

import type { DatabaseRole } from '../../members/roles.ts';
import { type Db, statement } from '../engine/database.ts';
import { type Listed, noId, type Part } from '../engine/listed.ts';
import type { DatabasePlace, StoredDatabase } from '../tree/databases.ts';
import type { Team } from '../tree/teams.ts';
import type { MemberPlace } from './members.ts';

const teamsOf = (table: string, column: string) =>
  statement(`
    select t.id, t.slug, t.name from ${table} p join teams t on t.id = p.team_id
     where p.organization_id = $1 and p.${column} = $2 and t.slug > $3 order by t.slug limit $4`);
const ofMember = teamsOf('team_members', 'account_id');
const ofDatabase = teamsOf('team_databases', 'database_id');

/** @returns the teams that a member is in, by slug. */
export function listTeamsOfMember(
  db: Db,
  { organizationId, accountId }: MemberPlace,
  part: Part,
): Promise<Listed<Team>[]> {
  return toTeams(db, ofMember, organizationId, accountId, part);
}

/** @returns the teams that administer a database, by slug. */
export function listTeamsOfDatabase(
  db: Db,
  { organizationId, databaseId }: DatabasePlace,
  part: Part,
): Promise<Listed<Team>[]> {
  return toTeams(db, ofDatabase, organizationId, databaseId, part);
}

async function toTeams(
  db: Db,
  list: ReturnType<typeof statement>,
  organizationId: string,
  id: string,
  { after, limit }: Part,
): Promise<Listed<Team>[]> {
  const values = [organizationId, id, after?.[0] ?? '', limit];
  const rows = await db.query<Omit<Team, 'organizationId'>>(list, values);
  return rows.map((row) => ({ position: [row.slug], item: { ...row, organizationId } }));
}

/** A database, and the role that one member was given there. */
export interface GivenRole {
  readonly database: StoredDatabase;
  readonly role: DatabaseRole;
}

const roles = statement(`
  select d.id, d.slug, r.role from database_roles r join databases d on d.id = r.database_id
   where r.organization_id = $1 and r.account_id = $2 and r.database_id > $3
   order by r.database_id limit $4`);

/** @returns the databases on which a member was given a role directly, in an order of no meaning. */
export async function listRolesOfMember(
  db: Db,
  { organizationId, accountId }: MemberPlace,
  { after, limit }: Part,
): Promise<Listed<GivenRole>[]> {
  const values = [organizationId, accountId, after?.[0] ?? noId, limit];
  const rows = await db.query<{ id: string; slug: string; role: string }>(roles, values);
  return rows.map(({ id, slug, role }) => {
    return { position: [id], item: { database: { id, slug, organizationId }, role } };
  });
}
