/**
 * The `team_members` and `team_databases` tables: who is in a team, and what the team administers.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';
import type { TeamPlace } from './teams.ts';

const insertMember = statement(`
  insert into team_members (organization_id, team_id, account_id) values ($1, $2, $3)
      on conflict (team_id, account_id) do nothing returning team_id`);

/** @returns whether the member was not in the team before. */
export function addToTeam(tx: Db, team: TeamPlace, accountId: string): Promise<boolean> {
  return changes(tx, insertMember, team, accountId);
}

const deleteMember = statement(`
  delete from team_members
   where organization_id = $1 and team_id = $2 and account_id = $3 returning team_id`);

/** @returns whether the person was in the team. */
export function removeFromTeam(tx: Db, team: TeamPlace, accountId: string): Promise<boolean> {
  return changes(tx, deleteMember, team, accountId);
}

const insertDatabase = statement(`
  insert into team_databases (organization_id, team_id, database_id) values ($1, $2, $3)
      on conflict (team_id, database_id) do nothing returning team_id`);

/** @returns whether the team did not have the database before. */
export function giveToTeam(tx: Db, team: TeamPlace, databaseId: string): Promise<boolean> {
  return changes(tx, insertDatabase, team, databaseId);
}

const deleteDatabase = statement(`
  delete from team_databases
   where organization_id = $1 and team_id = $2 and database_id = $3 returning team_id`);

/** @returns whether the team had the database. */
export function takeFromTeam(tx: Db, team: TeamPlace, databaseId: string): Promise<boolean> {
  return changes(tx, deleteDatabase, team, databaseId);
}

async function changes(
  tx: Db,
  change: ReturnType<typeof statement>,
  { organizationId, teamId }: TeamPlace,
  id: string,
): Promise<boolean> {
  return (await tx.query(change, [organizationId, teamId, id])).length > 0;
}
