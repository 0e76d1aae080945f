/**
 * The teams of an organization by slug; the members and the databases of one team.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';
import { type BySlug, type Listed, noId, type Part } from '../engine/listed.ts';
import type { StoredDatabase } from './databases.ts';
import type { Team, TeamPlace } from './teams.ts';

const selectTeams = `
  select id, slug, name from teams where organization_id = $1 and slug > $2`;
const teams = statement(`${selectTeams} order by slug limit $3`);
const teamOfSlug = statement(`${selectTeams} and slug = $4 limit $3`);

/** @returns the teams of an organization, by slug. */
export async function listTeams(
  db: Db,
  organizationId: string,
  { slug }: BySlug,
  { after, limit }: Part,
): Promise<Listed<Team>[]> {
  const values = [organizationId, after?.[0] ?? '', limit];
  type Row = Omit<Team, 'organizationId'>;
  const rows =
    slug === undefined
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
   order by t.account_id limit $4`);

/** @returns who is in a team, in an order of no meaning. */
export async function listTeamMembers(
  db: Db,
  { organizationId, teamId }: TeamPlace,
  { after, limit }: Part,
): Promise<Listed<TeamMember>[]> {
  const values = [organizationId, teamId, after?.[0] ?? noId, limit];
  const rows = await db.query<TeamMember>(members, values);
  return rows.map((item) => ({ position: [item.accountId], item }));
}

const databases = statement(`
  select d.id, d.slug from team_databases t join databases d on d.id = t.database_id
   where t.organization_id = $1 and t.team_id = $2 and t.database_id > $3
   order by t.database_id limit $4`);

/** @returns what a team administers, in an order of no meaning. */
export async function listTeamDatabases(
  db: Db,
  { organizationId, teamId }: TeamPlace,
  { after, limit }: Part,
): Promise<Listed<StoredDatabase>[]> {
  const values = [organizationId, teamId, after?.[0] ?? noId, limit];
  const rows = await db.query<Omit<StoredDatabase, 'organizationId'>>(databases, values);
  return rows.map((row) => ({ position: [row.id], item: { ...row, organizationId } }));
}
