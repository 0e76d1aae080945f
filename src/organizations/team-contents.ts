/**
 * Who is in a team, and which databases the team administers.
 *
 * Adding what is there already changes nothing and succeeds.
 *
 * @module
 */

import { printId } from '../lib/ids.ts';
import type { Database } from '../storage/engine/database.ts';
import { findMember } from '../storage/people/members.ts';
import { findDatabase } from '../storage/tree/databases.ts';
import type { TeamPlace } from '../storage/tree/teams.ts';
import { addToTeam, giveToTeam, removeFromTeam, takeFromTeam } from '../storage/tree/teams.ts';
import type { Actor } from './actor.ts';
import { changeInsideOrganization } from './change-inside.ts';
import { forbidden, notFound } from './refusals.ts';
import { requireTeam, teamWish } from './teams.ts';

/** A person in a team. */
export interface MemberInTeam extends TeamPlace {
  readonly accountId: string;
}

/** A database that a team administers. */
export interface DatabaseInTeam extends TeamPlace {
  readonly databaseId: string;
}

/** @throws {RefusedError} `forbidden`, not_a_member among its reasons; `not_found`. */
export function addTeamMember(db: Database, actor: Actor, at: MemberInTeam): Promise<void> {
  return changeInsideOrganization(db, actor, teamWish('team.member_added', at), async (tx) => {
    await requireTeam(tx, at);
    if ((await findMember(tx, at)) === undefined) throw forbidden('not_a_member');
    const added = await addToTeam(tx, at, at.accountId);
    return { result: undefined, after: added ? member(at) : undefined };
  });
}

/** @throws {RefusedError} `forbidden`; `not_found`, also when the person is not in the team. */
export function removeTeamMember(db: Database, actor: Actor, at: MemberInTeam): Promise<void> {
  return changeInsideOrganization(db, actor, teamWish('team.member_removed', at), async (tx) => {
    if (!(await removeFromTeam(tx, at, at.accountId))) throw notFound();
    return { result: undefined, before: member(at) };
  });
}

/** @throws {RefusedError} `forbidden`; `not_found`, also for a database of another organization. */
export function addTeamDatabase(db: Database, actor: Actor, at: DatabaseInTeam): Promise<void> {
  return changeInsideOrganization(db, actor, teamWish('team.database_added', at), async (tx) => {
    await requireTeam(tx, at);
    if ((await findDatabase(tx, at)) === undefined) throw notFound();
    const added = await giveToTeam(tx, at, at.databaseId);
    return { result: undefined, after: added ? database(at) : undefined };
  });
}

/** @throws {RefusedError} `forbidden`; `not_found`, also when the team does not have the database. */
export function removeTeamDatabase(db: Database, actor: Actor, at: DatabaseInTeam): Promise<void> {
  return changeInsideOrganization(db, actor, teamWish('team.database_removed', at), async (tx) => {
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
