/**
 * The `teams` table.
 *
 * The teams of an organization by slug; the members and the databases of one team.
 *
 * The `team_members` and `team_databases` tables: who is in a team, and what the team administers.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';
import { type BySlug, type Listed, noId, type Part } from '../engine/listed.ts';
import type { MemberIds } from '../people/members.ts';
import type { DatabaseIds, StoredDatabase } from './databases.ts';

/** Where a team is; both ids must fit. */
export interface TeamIds {
  readonly organizationId: string;
  readonly teamId: string;
}

/** A team of an organization. */
export interface Team {
  readonly id: string;
  readonly organizationId: string;
  readonly slug: string;
  readonly name: string;
}

const find = statement('select slug, name from teams where organization_id = $1 and id = $2');

/** @returns the team; undefined when the organization has none of that id. */
export async function findTeam(
  db: Db,
  { organizationId, teamId: id }: TeamIds,
): Promise<Team | undefined> {
  const [row] = await db.query<{ slug: string; name: string }>(find, [organizationId, id]);
  return row && { id, organizationId, slug: row.slug, name: row.name };
}

const insert = statement(`
  insert into teams (organization_id, id, slug, name) values ($1, $2, $3, $4)`);

/** @throws {pg.DatabaseError} teams_organization_id_slug_key: the slug is taken there. */
export async function insertTeam(tx: Db, team: Team): Promise<void> {
  await tx.query(insert, [team.organizationId, team.id, team.slug, team.name]);
}

const update = statement(`
  update teams set slug = $3, name = $4 where organization_id = $1 and id = $2`);

/** @throws {pg.DatabaseError} teams_organization_id_slug_key: the slug is taken there. */
export async function updateTeam(tx: Db, team: Team): Promise<void> {
  await tx.query(update, [team.organizationId, team.id, team.slug, team.name]);
}

const remove = statement('delete from teams where organization_id = $1 and id = $2');

/** Deletes a team; what it gave its members goes with it. */
export async function deleteTeam(tx: Db, { organizationId, id }: Team): Promise<void> {
  await tx.query(remove, [organizationId, id]);
}

const selectTeams = `
  select id, slug, name from teams where organization_id = $1 and slug > $2`;
const teams = statement(`${selectTeams} order by slug limit $3`);
const teamOfSlug = statement(`${selectTeams} and slug = $4 limit $3`);
const teamsOfPart = statement(`${selectTeams}
  and (position($4 in slug) > 0 or position($4 in lower(name)) > 0) order by slug limit $3`);

/** @returns the teams of an organization, by slug. */
export async function listTeams(
  db: Db,
  organizationId: string,
  { slug, part }: BySlug,
  { after, limit }: Part,
): Promise<Listed<Team>[]> {
  const values = [organizationId, after?.[0] ?? '', limit];
  type Row = Omit<Team, 'organizationId'>;
  const rows =
    part !== undefined
      ? await db.query<Row>(teamsOfPart, [...values, part])
      : slug === undefined
        ? await db.query<Row>(teams, values)
        : await db.query<Row>(teamOfSlug, [...values, slug]);
  return rows.map((row) => ({ position: [row.slug], item: { ...row, organizationId } }));
}

/** Somebody in a team. */
export interface TeamMember {
  readonly accountId: string;
  readonly email: string;
  readonly name: string;
}

const members = statement(`
  select t.account_id as "accountId", a.email, a.name
    from team_members t join accounts a on a.id = t.account_id
   where t.organization_id = $1 and t.team_id = $2 and t.account_id > $3
     and ($5 = '' or position($5 in a.email) > 0 or position($5 in lower(a.name)) > 0)
   order by t.account_id limit $4`);

/**
 * @param search characters of a name or an address, in lower case; empty: everybody.
 * @returns who is in a team, in an order of no meaning.
 */
export async function listTeamMembers(
  db: Db,
  { organizationId, teamId }: TeamIds,
  { after, limit }: Part,
  search = '',
): Promise<Listed<TeamMember>[]> {
  const values = [organizationId, teamId, after?.[0] ?? noId, limit, search];
  const rows = await db.query<TeamMember>(members, values);
  return rows.map((item) => ({ position: [item.accountId], item }));
}

const databases = statement(`
  select d.id, d.slug from team_databases t join databases d on d.id = t.database_id
   where t.organization_id = $1 and t.team_id = $2 and t.database_id > $3
     and ($5 = '' or position($5 in d.slug) > 0)
   order by t.database_id limit $4`);

/**
 * @param search characters of a slug; empty: all.
 * @returns what a team administers, in an order of no meaning.
 */
export async function listTeamDatabases(
  db: Db,
  { organizationId, teamId }: TeamIds,
  { after, limit }: Part,
  search = '',
): Promise<Listed<StoredDatabase>[]> {
  const values = [organizationId, teamId, after?.[0] ?? noId, limit, search];
  const rows = await db.query<Omit<StoredDatabase, 'organizationId'>>(databases, values);
  return rows.map((row) => ({ position: [row.id], item: { ...row, organizationId } }));
}

const inTeam = statement(`
  select ($2::uuid is null or exists (
            select from team_members where team_id = $1 and account_id = $2))
     and ($3::uuid is null or exists (
            select from team_databases where team_id = $1 and database_id = $3)) as found`);

/** @returns whether the person is in the team, or the team has the database: whichever is named. */
export async function isInTeam(
  db: Db,
  { teamId }: TeamIds,
  { accountId, databaseId }: { accountId?: string | undefined; databaseId?: string | undefined },
): Promise<boolean> {
  const values = [teamId, accountId ?? null, databaseId ?? null];
  return (await db.query<{ found: boolean }>(inTeam, values))[0]?.found === true;
}

const insertMember = statement(`
  insert into team_members (organization_id, team_id, account_id) values ($1, $2, $3)
      on conflict (team_id, account_id) do nothing returning team_id`);

/** @returns whether the member was not in the team before. */
export function addToTeam(tx: Db, team: TeamIds, accountId: string): Promise<boolean> {
  return changes(tx, insertMember, team, accountId);
}

const deleteMember = statement(`
  delete from team_members
   where organization_id = $1 and team_id = $2 and account_id = $3 returning team_id`);

/** @returns whether the person was in the team. */
export function removeFromTeam(tx: Db, team: TeamIds, accountId: string): Promise<boolean> {
  return changes(tx, deleteMember, team, accountId);
}

const insertDatabase = statement(`
  insert into team_databases (organization_id, team_id, database_id) values ($1, $2, $3)
      on conflict (team_id, database_id) do nothing returning team_id`);

/** @returns whether the team did not have the database before. */
export function giveToTeam(tx: Db, team: TeamIds, databaseId: string): Promise<boolean> {
  return changes(tx, insertDatabase, team, databaseId);
}

const deleteDatabase = statement(`
  delete from team_databases
   where organization_id = $1 and team_id = $2 and database_id = $3 returning team_id`);

/** @returns whether the team had the database. */
export function takeFromTeam(tx: Db, team: TeamIds, databaseId: string): Promise<boolean> {
  return changes(tx, deleteDatabase, team, databaseId);
}

async function changes(
  tx: Db,
  change: ReturnType<typeof statement>,
  { organizationId, teamId }: TeamIds,
  id: string,
): Promise<boolean> {
  return (await tx.query(change, [organizationId, teamId, id])).length > 0;
}

const teamsOf = (table: string, column: string) =>
  statement(`
    select t.id, t.slug, t.name from ${table} p join teams t on t.id = p.team_id
     where p.organization_id = $1 and p.${column} = $2 and t.slug > $3 order by t.slug limit $4`);
const ofMember = teamsOf('team_members', 'account_id');
const ofDatabase = teamsOf('team_databases', 'database_id');

/** @returns the teams that a member is in, by slug. */
export function listTeamsOfMember(
  db: Db,
  { organizationId, accountId }: MemberIds,
  part: Part,
): Promise<Listed<Team>[]> {
  return toTeams(db, ofMember, organizationId, accountId, part);
}

/** @returns the teams that administer a database, by slug. */
export function listTeamsOfDatabase(
  db: Db,
  { organizationId, databaseId }: DatabaseIds,
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
