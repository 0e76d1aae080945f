/**
 * Teams: a team gives its members Database Administrator on its databases.
 *
 * @module
 */

import { newId, printId } from '../lib/ids.ts';
import type { Work } from '../storage/engine/database.ts';
import {
  deleteTeam as deleteStored,
  findTeam,
  insertTeam,
  type Team,
  type TeamIds,
  updateTeam,
} from '../storage/tree/teams.ts';
import type { Actor } from './actor.ts';
import type { OrganizationAct } from './acts.ts';
import { changeInside } from './inside.ts';
import { checkNameAndSlug, type NameAndSlug } from './names.ts';
import { found } from './refusals.ts';
import { type Entrance, type InOrganization, inOrganization, leadingTo } from './rights.ts';

/** @throws {RefusedError} `invalid`; `conflict` slug_taken; `forbidden`; `not_found`. */
export async function createTeam(
  work: Work,
  actor: Actor,
  organizationId: string,
  wish: NameAndSlug,
): Promise<Team> {
  const team = { id: newId(), organizationId, ...checkNameAndSlug('team', wish) };
  const entrance = inOrganization(actor, 'team.created', { organizationId });
  return changeInside(work, entrance, printId('team', team.id), async (tx) => {
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
  work: Work,
  actor: Actor,
  at: TeamIds,
  wish: NameAndSlug,
): Promise<Team> {
  const changed = checkNameAndSlug('team', wish);
  return changeInside(
    work,
    inTeam(actor, 'team.renamed', at),
    subjectOf(at),
    async (tx, { team }) => {
      const result = { ...team, ...changed };
      await updateTeam(tx, result);
      return { result, before: named(team), after: named(result) };
    },
  );
}

/**
 * Deletes a team, and with it what it gave its members.
 *
 * @throws {RefusedError} `forbidden`; `not_found`.
 */
export function deleteTeam(work: Work, actor: Actor, at: TeamIds): Promise<void> {
  return changeInside(
    work,
    inTeam(actor, 'team.deleted', at),
    subjectOf(at),
    async (tx, { team }) => {
      await deleteStored(tx, team);
      return { result: undefined, before: named(team) };
    },
  );
}

/** Into one team; `not_found` where the organization has no such team. */
export function inTeam(
  actor: Actor,
  act: OrganizationAct,
  at: TeamIds,
): Entrance<InOrganization & { readonly team: Team }> {
  return leadingTo(inOrganization(actor, act, at), async (tx) => ({
    team: found(await findTeam(tx, at)),
  }));
}

function subjectOf({ teamId }: TeamIds): string {
  return printId('team', teamId);
}

function named({ name, slug }: Team) {
  return { name, slug };
}
