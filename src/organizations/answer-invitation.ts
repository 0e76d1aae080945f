/**
 * Answering an invitation.
 *
 *     the account that holds the invited address -> the invitation with this token
 *     -> the organization's lock -> still open -> in time, and the inviter still may -> the member
 *
 * The token opens nothing by itself: only the account that has proven the invited address can
 * answer; or the one with that address where an operator printed the link. A token that is unknown, used, cancelled, replaced or for another address is `not_found`.
 *
 * @module
 */

import { isSubset } from '../catalogue/name-set.ts';
import { permissionSet } from '../catalogue/permission-set.ts';
import { organizationNeeds } from '../catalogue/rules.ts';
import { printId } from '../lib/ids.ts';
import { sha256 } from '../lib/secrets.ts';
import { holdsRole } from '../members/giving.ts';
import { type Membership, organizationPermissions } from '../members/permissions.ts';
import type { Db, Work } from '../storage/engine/database.ts';
import { holdActiveAccount } from '../storage/people/accounts.ts';
import {
  deleteInvitation,
  findInvitationByHash,
  findInvitationById,
  type Invitation,
  keepInvitationAnswer,
} from '../storage/people/invitations.ts';
import { findActiveMember, findMember, insertMember } from '../storage/people/members.ts';
import { isOperator } from '../storage/people/operators.ts';
import { findOrganization, lockOrganization } from '../storage/tree/organizations.ts';
import type { Person } from './actor.ts';
import { audited, type Change } from './audited.ts';
import { printInvitationId } from './invitations.ts';
import { conflict, forbidden, gone, notFound } from './refusals.ts';

/**
 * Joins the organization that the token invites to.
 *
 * @returns the organization's id.
 * @throws {RefusedError} `not_found`; `gone`: too late, or the inviter may not invite any more;
 *   `forbidden` address_unverified, or by token; `conflict` already_member.
 */
export function acceptInvitation(work: Work, actor: Person, token: string): Promise<string> {
  return answer(work, actor, { token, action: 'invitation.accepted' }, joining(actor));
}

/**
 * Says no; the invitation is over.
 *
 * @throws {RefusedError} `not_found`; `forbidden` address_unverified, or by token.
 */
export function declineInvitation(work: Work, actor: Person, token: string): Promise<void> {
  return answer(work, actor, { token, action: 'invitation.declined' }, declining(actor));
}

/**
 * As `acceptInvitation`, for somebody who has no link at hand, but has proven the invited address.
 *
 * @throws {RefusedError} the same.
 */
export function acceptOwnInvitation(work: Work, actor: Person, id: string): Promise<string> {
  return answer(work, actor, { id, action: 'invitation.accepted' }, joining(actor));
}

/**
 * As `declineInvitation`, for somebody who has no link at hand, but has proven the invited address.
 *
 * @throws {RefusedError} the same.
 */
export function declineOwnInvitation(work: Work, actor: Person, id: string): Promise<void> {
  return answer(work, actor, { id, action: 'invitation.declined' }, declining(actor));
}

/** By its link's token, or by its id. */
type Answer = { readonly action: string } & (
  | { readonly token: string; readonly id?: undefined }
  | { readonly id: string; readonly token?: undefined }
);

type Answered<Result> = (tx: Db, invitation: Invitation) => Promise<Change<Result>>;

function joining({ accountId }: Person): Answered<string> {
  return async (tx, invitation) => {
    const { organizationId, role } = invitation;
    await checkStillMeant(tx, invitation);
    const member = { organizationId, accountId, role };
    if (await findMember(tx, member)) throw conflict('already_member');
    await insertMember(tx, member);
    return { result: organizationId, after: { member: printId('user', accountId), role } };
  };
}

function declining({ accountId }: Person): Answered<void> {
  return async (_tx, { role }) => ({
    result: undefined,
    before: { member: printId('user', accountId), role },
  });
}

async function answer<Result>(
  work: Work,
  actor: Person,
  { token, id, action }: Answer,
  answered: Answered<Result>,
): Promise<Result> {
  const hash = token === undefined ? undefined : sha256(token);
  const find = (tx: Db) =>
    hash === undefined ? findInvitationById(tx, id ?? '') : findInvitationByHash(tx, hash);
  const found = await work.run(find);
  if (found === undefined) throw notFound();
  const { organizationId } = found;
  const deed = { action, organizationId, subject: printInvitationId(found.id) };
  return audited(work, actor, deed, async (tx) => {
    await checkAccount(tx, actor, { ...found, isPrinted: found.isPrinted && hash !== undefined });
    const organization = await lockOrganization(tx, organizationId);
    if (action === 'invitation.accepted' && organization?.suspendedFor !== undefined) {
      throw forbidden('organization_suspended');
    }
    const invitation = await find(tx);
    if (invitation === undefined) throw notFound();
    const change = await answered(tx, invitation);
    await deleteInvitation(tx, invitation);
    const kept = action === 'invitation.accepted' ? 'joined' : 'declined';
    if (hash !== undefined) {
      await keepInvitationAnswer(tx, hash, { accountId: actor.accountId, answer: kept });
    }
    return change;
  });
}

/** Whoever a printed link was handed to answers with its address unproven: an operator vouched. */
async function checkAccount(
  tx: Db,
  { accountId, via }: Person,
  { email, isPrinted }: Invitation,
): Promise<void> {
  const account = await holdActiveAccount(tx, accountId);
  if (account?.email !== email) throw notFound();
  if (via.kind !== 'session') throw forbidden('not_by_token');
  if (!account.isEmailVerified && !isPrinted) throw forbidden('address_unverified');
}

async function checkStillMeant(
  tx: Db,
  { organizationId, invitedBy, isExpired, role }: Invitation,
): Promise<void> {
  if (isExpired) throw gone('invitation_expired');
  const inviter =
    invitedBy === undefined ? undefined : await membershipOf(tx, organizationId, invitedBy);
  const needed = permissionSet([organizationNeeds['invitation.created']]);
  const isStillMeant =
    inviter && isSubset(needed, organizationPermissions(inviter)) && holdsRole(inviter, role);
  if (isStillMeant) return;
  const isByOperator = invitedBy !== undefined && (await isOperator(tx, invitedBy));
  if (!isByOperator) throw gone('inviter_lost_right');
}

async function membershipOf(
  tx: Db,
  organizationId: string,
  accountId: string,
): Promise<Membership | undefined> {
  const organization = await findOrganization(tx, organizationId);
  const member = await findActiveMember(tx, { organizationId, accountId });
  return (
    organization && member && { organizationRole: member.role, baseRole: organization.baseRole }
  );
}
