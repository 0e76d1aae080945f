/**
 * The `teams` table.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** Where a team is; both ids must fit. */
export interface TeamPlace {
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
  { organizationId, teamId: id }: TeamPlace,
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
