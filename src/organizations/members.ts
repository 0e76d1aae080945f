/**
 * The people of an organization: their role, their suspension, their leaving.
 *
 * Nobody changes their own membership, so an administrator who acts is one who stays; the last one can
 * only be lost by leaving, or by what a service client asks for, and both are refused.
 *
 * @module
 */

import { printId } from '../lib/ids.ts';
import { holdsRole } from '../members/giving.ts';
import { isAdministratorRole, type OrganizationRole } from '../members/roles.ts';
import type { Db, Work } from '../storage/engine/database.ts';
import {
  deleteMember,
  findListedMember,
  findMember,
  type ListedMember,
  type Member,
  type MemberIds,
  updateMember,
} from '../storage/people/members.ts';
import type { Actor, Person } from './actor.ts';
import type { OrganizationAct } from './acts.ts';
import { checkAdministratorStays } from './administrators.ts';
import { changeInside } from './inside.ts';
import { forbidden, found } from './refusals.ts';
import { type Entrance, type InOrganization, inOrganization, leadingTo } from './rights.ts';

/**
 * Gives a member another role in the organization.
 *
 * @throws {RefusedError} `forbidden`: the actor's role, also where it holds less than the role that is
 *   given or taken; their own role; or, for making an administrator, any way but the person's own session; `conflict` last_administrator; `not_found`.
 */
export function changeMemberRole(
  work: Work,
  actor: Actor,
  at: MemberIds,
  role: OrganizationRole,
): Promise<ListedMember> {
  return changeMember(work, actor, at, 'member.role_changed', (member, { membership }) => {
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
export function suspendMember(work: Work, actor: Actor, at: MemberIds): Promise<ListedMember> {
  const suspended = true;
  return changeMember(work, actor, at, 'member.suspended', (member) => ({ ...member, suspended }));
}

/**
 * Gives a suspended member back what they had.
 *
 * @throws {RefusedError} `forbidden`, also by token or service for an administrator; `not_found`.
 */
export function reinstateMember(work: Work, actor: Actor, at: MemberIds): Promise<ListedMember> {
  return changeMember(work, actor, at, 'member.reinstated', (member) => {
    const isRaise = member.suspended && isAdministratorRole(member.role);
    if (isRaise && actor.via.kind !== 'session') throw forbidden('not_by_token');
    return { ...member, suspended: false };
  });
}

/**
 * Removes a member with their roles, teams and consent entries there: joining again brings
 * none of it back.
 *
 * @throws {RefusedError} `forbidden`, also for oneself; `conflict` last_administrator; `not_found`.
 */
export function removeMember(work: Work, actor: Actor, at: MemberIds): Promise<void> {
  const entrance = inOrganization(actor, 'member.removed', at);
  return changeInside(work, entrance, subjectOf(at), async (tx, here) => {
    const member = await findOther(tx, actor, at, here);
    await checkAdministratorStays(tx, member, undefined);
    await deleteMember(tx, at);
    return { result: undefined, before: statusOf(member) };
  });
}

/**
 * Leaves an organization, as `removeMember` would.
 *
 * @throws {RefusedError} `conflict` last_administrator; `not_found`.
 */
export function leaveOrganization(
  work: Work,
  actor: Person,
  organizationId: string,
): Promise<void> {
  const at = { organizationId, accountId: actor.accountId };
  const entrance = inOrganization(actor, 'member.left', at);
  return changeInside(work, entrance, subjectOf(at), async (tx) => {
    const member = found(await findMember(tx, at));
    await checkAdministratorStays(tx, member, undefined);
    await deleteMember(tx, at);
    return { result: undefined, before: statusOf(member) };
  });
}

function changeMember(
  work: Work,
  actor: Actor,
  at: MemberIds,
  act: OrganizationAct,
  next: (member: Member, here: InOrganization) => Member,
): Promise<ListedMember> {
  return changeInside(work, inOrganization(actor, act, at), subjectOf(at), async (tx, here) => {
    const member = await findOther(tx, actor, at, here);
    const changed = next(member, here);
    await checkAdministratorStays(tx, member, changed);
    await updateMember(tx, changed);
    const result = found(await findListedMember(tx, at));
    return { result, before: statusOf(member), after: statusOf(changed) };
  });
}

/** Whose role gives more than the actor holds is not the actor's to change. */
async function findOther(
  tx: Db,
  actor: Actor,
  at: MemberIds,
  { membership }: InOrganization,
): Promise<Member> {
  if (actor.accountId === at.accountId) throw forbidden('own_role');
  const member = found(await findMember(tx, at));
  if (!holdsRole(membership, member.role)) throw forbidden('target_is_administrator');
  return member;
}

/** Into one member, as the list shows them; `not_found` of somebody who is not in the organization. */
export function inMember(
  actor: Actor,
  act: OrganizationAct,
  at: MemberIds,
): Entrance<InOrganization & { readonly member: ListedMember }> {
  return leadingTo(inOrganization(actor, act, at), async (tx) => ({
    member: found(await findListedMember(tx, at)),
  }));
}

function subjectOf({ accountId }: MemberIds): string {
  return printId('user', accountId);
}

function statusOf({ role, suspended }: Member) {
  return { role, suspended };
}
