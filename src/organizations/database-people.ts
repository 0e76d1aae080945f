/**
 * The people of one database: its administrators, developers and readers.
 *
 * A Database Administrator manages the people of that database and no others, and limits no
 * Organization Administrator. Only a member can be given a role.
 *
 * @module
 */

import { printId } from '../lib/ids.ts';
import { holdsDatabaseRole } from '../members/giving.ts';
import { type DatabaseRole, isAdministratorRole } from '../members/roles.ts';
import type { Db, Work } from '../storage/engine/database.ts';
import { findMember } from '../storage/people/members.ts';
import type { DatabaseIds } from '../storage/tree/databases.ts';
import {
  type DatabasePerson,
  databaseRolesOf,
  deleteDatabaseRole,
  putDatabaseRole,
} from '../storage/tree/databases.ts';
import type { Actor, Person } from './actor.ts';
import { changeInside } from './inside.ts';
import { forbidden, notFound } from './refusals.ts';
import { type InDatabase, inDatabase } from './rights.ts';

/**
 * Gives a member a role on the database, or changes the one they were given directly.
 *
 * @throws {RefusedError} `forbidden`, not_a_member and target_is_administrator among its reasons;
 *   `not_found`.
 */
export function giveDatabaseRole(
  work: Work,
  actor: Actor,
  at: DatabasePerson,
  role: DatabaseRole,
): Promise<void> {
  const entrance = inDatabase(actor, 'database_role.given', at);
  return changeInside(work, entrance, subjectOf(at), async (tx, here) => {
    await checkTarget(tx, here, at);
    if (!holdsDatabaseRole(here.held, role)) throw forbidden('role');
    const { direct } = await databaseRolesOf(tx, at);
    await putDatabaseRole(tx, at, role);
    return { result: undefined, before: given(at, direct), after: given(at, role) };
  });
}

/**
 * Takes the role that was given directly; what teams and the base role give stays.
 *
 * @throws {RefusedError} as `giveDatabaseRole`; `not_found`, also when the person has none.
 */
export function takeDatabaseRole(work: Work, actor: Actor, at: DatabasePerson): Promise<void> {
  const entrance = inDatabase(actor, 'database_role.taken', at);
  return changeInside(work, entrance, subjectOf(at), async (tx, here) => {
    await checkTarget(tx, here, at);
    return take(tx, at);
  });
}

/**
 * Gives one's own direct role back.
 *
 * @throws {RefusedError} `not_found`, also when the actor has none.
 */
export function stepDown(work: Work, actor: Person, ids: DatabaseIds): Promise<void> {
  const at = { ...ids, accountId: actor.accountId };
  const entrance = inDatabase(actor, 'database_role.stepped_down', at);
  return changeInside(work, entrance, subjectOf(at), (tx) => take(tx, at));
}

async function take(tx: Db, at: DatabasePerson) {
  const { direct } = await databaseRolesOf(tx, at);
  if (direct === undefined) throw notFound();
  await deleteDatabaseRole(tx, at);
  return { result: undefined, before: given(at, direct) };
}

async function checkTarget(tx: Db, { asAdministrator }: InDatabase, at: DatabasePerson) {
  const target = await findMember(tx, at);
  if (target === undefined) throw forbidden('not_a_member');
  if (isAdministratorRole(target.role) && !asAdministrator) {
    throw forbidden('target_is_administrator');
  }
}

function subjectOf({ databaseId }: DatabaseIds): string {
  return printId('database', databaseId);
}

function given({ accountId }: DatabasePerson, role: DatabaseRole | undefined) {
  return role && { member: printId('user', accountId), role };
}
