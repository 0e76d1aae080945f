/**
 * The people of an organization: their role, their suspension, their leaving.
 *
 * Nobody changes their own place, so an administrator who acts is one who stays; the last one can
 * only be lost by leaving, or by what a service client asks for, and both are refused.
 *
 * @module
 */

import { printId } from '../lib/ids.ts';
import { holdsRole } from '../members/giving.ts';
import { isAdministratorRole, type OrganizationRole } from '../members/roles.ts';
import type { Database, Db } from '../storage/engine/database.ts';
import {
  deleteMember,
  findMember,
  type Member,
  type MemberPlace,
  updateMember,
} from '../storage/people/members.ts';
import type { Actor, Person } from './actor.ts';
import type { OrganizationAct } from './acts.ts';
import { checkAdministratorStays } from './administrators.ts';
import { changeInsideOrganization } from './change-inside.ts';
import { forbidden, notFound } from './refusals.ts';
import type { InOrganization } from './rights.ts';

/**
 * Gives a member another role in the organization.
 *
 * @throws {RefusedError} `forbidden`: the actor's role, also where it holds less than the role that is
 *   given or taken; their own role; or, for making an administrator, any way but the person's own session; `conflict` last_administrator; `not_found`.
 */
export function changeMemberRole(
  db: Database,
  actor: Actor,
  at: MemberPlace,
  role: OrganizationRole,
): Promise<Member> {
  return changeMember(db, actor, at, 'member.role_changed', (member, { membership }) => {
    const isRaise = isAdministratorRole(role) && !isAdministratorRole(member.role);
    if (isRaise && actor.via.kind !== 'session') throw forbidden('not_by_token');
    if (!holdsRole(membership, role)) throw forbidden('role');
    return { ...member, role };
  });
}

/**
 * Takes everything from a member until reinstated; nothing of it is forgotten.
 *
 * @throws {RefusedError} `forbidden`; `conflict` last_administrator; `not_found`.
 */
export function suspendMember(db: Database, actor: Actor, at: MemberPlace): Promise<Member> {
  const suspended = true;
  return changeMember(db, actor, at, 'member.suspended', (member) => ({ ...member, suspended }));
}

/**
 * Gives a suspended member back what they had.
 *
 * @throws {RefusedError} `forbidden`, also by token or service for an administrator; `not_found`.
 */
export function reinstateMember(db: Database, actor: Actor, at: MemberPlace): Promise<Member> {
  return changeMember(db, actor, at, 'member.reinstated', (member) => {
    const isRaise = member.suspended && isAdministratorRole(member.role);
    if (isRaise && actor.via.kind !== 'session') throw forbidden('not_by_token');
    return { ...member, suspended: false };
  });
}

/**
 * Removes a member with their roles, team places and consent entries there: joining again brings
 * none of it back.
 *
 * @throws {RefusedError} `forbidden`, also for oneself; `conflict` last_administrator; `not_found`.
 */
export function removeMember(db: Database, actor: Actor, at: MemberPlace): Promise<void> {
  const wish = wishFor('member.removed', at);
  return changeInsideOrganization(db, actor, wish, async (tx, here) => {
    const member = await findOther(tx, actor, at, here);
    await checkAdministratorStays(tx, member, undefined);
    await deleteMember(tx, at);
    return { result: undefined, before: standing(member) };
  });
}

/**
 * Leaves an organization, as `removeMember` would.
 *
 * @throws {RefusedError} `conflict` last_administrator; `not_found`.
 */
export function leaveOrganization(
  db: Database,
  actor: Person,
  organizationId: string,
): Promise<void> {
  const at = { organizationId, accountId: actor.accountId };
  return changeInsideOrganization(db, actor, wishFor('member.left', at), async (tx) => {
    const member = await findMember(tx, at);
    if (member === undefined) throw notFound();
    await checkAdministratorStays(tx, member, undefined);
    await deleteMember(tx, at);
    return { result: undefined, before: standing(member) };
  });
}

function changeMember(
  db: Database,
  actor: Actor,
  at: MemberPlace,
  act: OrganizationAct,
  next: (member: Member, here: InOrganization) => Member,
): Promise<Member> {
  return changeInsideOrganization(db, actor, wishFor(act, at), async (tx, here) => {
    const member = await findOther(tx, actor, at, here);
    const result = next(member, here);
    await checkAdministratorStays(tx, member, result);
    await updateMember(tx, result);
    return { result, before: standing(member), after: standing(result) };
  });
}

/** Whose role gives more than the actor holds is not the actor's to change. */
async function findOther(
  tx: Db,
  actor: Actor,
  at: MemberPlace,
  { membership }: InOrganization,
): Promise<Member> {
  if (actor.accountId === at.accountId) throw forbidden('own_role');
  const member = await findMember(tx, at);
  if (member === undefined) throw notFound();
  if (!holdsRole(membership, member.role)) throw forbidden('target_is_administrator');
  return member;
}

function wishFor(act: OrganizationAct, at: MemberPlace) {
  return { act, at, subject: printId('user', at.accountId) };
}

function standing({ role, suspended }: Member) {
  return { role, suspended };
}
