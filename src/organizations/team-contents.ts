/**
 * Who is in a team, and which databases the team administers.
 *
 * Adding what is there already changes nothing and succeeds.
 *
 * @module
 */

import { printId } from '../lib/ids.ts';
import type { Work } from '../storage/engine/database.ts';
import { findMember } from '../storage/people/members.ts';
import { findDatabase } from '../storage/tree/databases.ts';
import type { TeamIds } from '../storage/tree/teams.ts';
import { addToTeam, giveToTeam, removeFromTeam, takeFromTeam } from '../storage/tree/teams.ts';
import type { Actor } from './actor.ts';
import { changeInside } from './inside.ts';
import { forbidden, found, notFound } from './refusals.ts';
import { inOrganization } from './rights.ts';
import { inTeam } from './teams.ts';

/** A person in a team. */
export interface MemberInTeam extends TeamIds {
  readonly accountId: string;
}

/** A database that a team administers. */
export interface DatabaseInTeam extends TeamIds {
  readonly databaseId: string;
}

/** @throws {RefusedError} `forbidden`, not_a_member among its reasons; `not_found`. */
export function addTeamMember(work: Work, actor: Actor, at: MemberInTeam): Promise<void> {
  const entrance = inTeam(actor, 'team.member_added', at);
  return changeInside(work, entrance, printId('team', at.teamId), async (tx) => {
    if ((await findMember(tx, at)) === undefined) throw forbidden('not_a_member');
    const added = await addToTeam(tx, at, at.accountId);
    return { result: undefined, after: added ? member(at) : undefined };
  });
}

/** @throws {RefusedError} `forbidden`; `not_found`, also when the person is not in the team. */
export function removeTeamMember(work: Work, actor: Actor, at: MemberInTeam): Promise<void> {
  const entrance = inOrganization(actor, 'team.member_removed', at);
  return changeInside(work, entrance, printId('team', at.teamId), async (tx) => {
    if (!(await removeFromTeam(tx, at, at.accountId))) throw notFound();
    return { result: undefined, before: member(at) };
  });
}

/** @throws {RefusedError} `forbidden`; `not_found`, also for a database of another organization. */
export function addTeamDatabase(work: Work, actor: Actor, at: DatabaseInTeam): Promise<void> {
  const entrance = inTeam(actor, 'team.database_added', at);
  return changeInside(work, entrance, printId('team', at.teamId), async (tx) => {
    found(await findDatabase(tx, at));
    const added = await giveToTeam(tx, at, at.databaseId);
    return { result: undefined, after: added ? database(at) : undefined };
  });
}

/** @throws {RefusedError} `forbidden`; `not_found`, also when the team does not have the database. */
export function removeTeamDatabase(work: Work, actor: Actor, at: DatabaseInTeam): Promise<void> {
  const entrance = inOrganization(actor, 'team.database_removed', at);
  return changeInside(work, entrance, printId('team', at.teamId), async (tx) => {
    if (!(await takeFromTeam(tx, at, at.databaseId))) throw notFound();
    return { result: undefined, before: database(at) };
  });
}

function member({ accountId }: MemberInTeam) {
  return { member: printId('user', accountId) };
}

function database({ databaseId }: DatabaseInTeam) {
  return { database: printId('database', databaseId) };
}
