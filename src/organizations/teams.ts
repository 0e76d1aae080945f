/**
 * Teams: a team gives its members Database Administrator on its databases.
 *
 * @module
 */

import { newId, printId } from '../lib/ids.ts';
import type { Database, Db } from '../storage/engine/database.ts';
import {
  deleteTeam as deleteStored,
  findTeam,
  insertTeam,
  type Team,
  type TeamPlace,
  updateTeam,
} from '../storage/tree/teams.ts';
import type { Actor } from './actor.ts';
import type { OrganizationAct } from './acts.ts';
import { changeInsideOrganization } from './change-inside.ts';
import { checkNameAndSlug, type NameAndSlug } from './names.ts';
import { notFound } from './refusals.ts';

/** @throws {RefusedError} `invalid`; `conflict` slug_taken; `forbidden`; `not_found`. */
export async function createTeam(
  db: Database,
  actor: Actor,
  organizationId: string,
  wish: NameAndSlug,
): Promise<Team> {
  const team = { id: newId(), organizationId, ...checkNameAndSlug('team', wish) };
  const subject = printId('team', team.id);
  const created = { act: 'team.created', at: { organizationId }, subject } as const;
  return changeInsideOrganization(db, actor, created, async (tx) => {
    await insertTeam(tx, team);
    return { result: team, after: named(team) };
  });
}

/**
 * Changes name and slug; the team keeps what it gives.
 *
 * @throws {RefusedError} `invalid`; `conflict` slug_taken; `forbidden`; `not_found`.
 */
export async function renameTeam(
  db: Database,
  actor: Actor,
  at: TeamPlace,
  wish: NameAndSlug,
): Promise<Team> {
  const changed = checkNameAndSlug('team', wish);
  return changeInsideOrganization(db, actor, teamWish('team.renamed', at), async (tx) => {
    const team = await requireTeam(tx, at);
    const result = { ...team, ...changed };
    await updateTeam(tx, result);
    return { result, before: named(team), after: named(result) };
  });
}

/**
 * Deletes a team, and with it what it gave its members.
 *
 * @throws {RefusedError} `forbidden`; `not_found`.
 */
export function deleteTeam(db: Database, actor: Actor, at: TeamPlace): Promise<void> {
  return changeInsideOrganization(db, actor, teamWish('team.deleted', at), async (tx) => {
    const team = await requireTeam(tx, at);
    await deleteStored(tx, team);
    return { result: undefined, before: named(team) };
  });
}

/** @throws {RefusedError} `not_found`: the organization has no such team. */
export async function requireTeam(tx: Db, at: TeamPlace): Promise<Team> {
  const team = await findTeam(tx, at);
  if (team === undefined) throw notFound();
  return team;
}

/** An act on a team, as `changeInsideOrganization` takes it. */
export function teamWish(act: OrganizationAct, at: TeamPlace) {
  return { act, at, subject: printId('team', at.teamId) };
}

function named({ name, slug }: Team) {
  return { name, slug };
}
