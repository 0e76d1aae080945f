/**
 * Invitations, from the side of the organization: invite, resend, cancel.
 *
 *     invited (no token yet) -> its mail is made and sent, with a new token -> accepted or declined
 *
 * The token is made when the mail is, is never stored but as its hash, and dies with the next mail.
 *
 * @module
 */

import { addressFault, normalizeEmail } from '../lib/email-address.ts';
import { newId, printId } from '../lib/ids.ts';
import { holdsRole } from '../members/giving.ts';
import type { Membership } from '../members/permissions.ts';
import { isAdministratorRole, type OrganizationRole } from '../members/roles.ts';
import type { Work } from '../storage/engine/database.ts';
import {
  deleteInvitation,
  findInvitation,
  type Invitation,
  type InvitationIds,
  insertInvitation,
  renewInvitation,
} from '../storage/people/invitations.ts';
import { putMail } from '../storage/people/mail-outbox.ts';
import { isMemberByEmail } from '../storage/people/members.ts';
import type { Actor, Person } from './actor.ts';
import type { OrganizationAct } from './acts.ts';
import { changeInside } from './inside.ts';
import { invitationMail } from './invitation-mail.ts';
import { countMail } from './mail-limits.ts';
import { conflict, forbidden, found, invalid } from './refusals.ts';
import { type Entrance, type InOrganization, inOrganization, leadingTo } from './rights.ts';

/** How long an invitation can be accepted. */
export const invitationTtlSeconds = 7 * 24 * 60 * 60;
const ttlSeconds = invitationTtlSeconds;

/** Who is to be invited, and as what. */
export interface InvitationWish {
  readonly email: string;
  readonly role: OrganizationRole;
}

/**
 * Invites an address for seven days; the mail goes out by itself.
 *
 * @throws {RefusedError} `invalid`; `conflict` already_member or already_invited; `forbidden`, also
 *   by token for an administrator's invitation; `not_found`; `throttled`.
 */
export async function invite(
  work: Work,
  actor: Person,
  organizationId: string,
  { email: written, role }: InvitationWish,
): Promise<Invitation> {
  const email = normalizeEmail(written);
  if (email === undefined) throw invalid({ field: 'email', message: addressFault(written) });
  const id = newId();
  const entrance = inOrganization(actor, 'invitation.created', { organizationId });
  return changeInside(work, entrance, printInvitationId(id), async (tx, { membership }) => {
    checkGiven(actor, membership, role);
    if (await isMemberByEmail(tx, organizationId, email)) throw conflict('already_member');
    await countMail(tx, email, actor.accountId);
    await putMail(tx, invitationMail, id);
    const invitedBy = actor.accountId;
    const stored = { id, organizationId, email, role, invitedBy, ttlSeconds };
    const result = await insertInvitation(tx, stored);
    if (result === undefined) throw conflict('already_invited');
    return { result, after: shown(result) };
  });
}

/**
 * Sends a new link, for seven days from now and in the name of the actor; the old one is dead.
 *
 * @throws {RefusedError} `forbidden`; `not_found`; `throttled`.
 */
export function resendInvitation(
  work: Work,
  actor: Person,
  at: InvitationIds,
): Promise<Invitation> {
  const entrance = inInvitation(actor, 'invitation.resent', at);
  return changeInside(work, entrance, subjectOf(at), async (tx, { membership, invitation }) => {
    checkGiven(actor, membership, invitation.role);
    await countMail(tx, invitation.email, actor.accountId);
    await putMail(tx, invitationMail, invitation.id);
    const invitedBy = actor.accountId;
    const result = found(await renewInvitation(tx, invitation, { invitedBy, ttlSeconds }));
    return { result, before: shown(invitation), after: shown(result) };
  });
}

/**
 * Takes an invitation back.
 *
 * @throws {RefusedError} `forbidden`; `not_found`.
 */
export function cancelInvitation(work: Work, actor: Person, at: InvitationIds): Promise<void> {
  const entrance = inInvitation(actor, 'invitation.cancelled', at);
  return changeInside(work, entrance, subjectOf(at), async (tx, { invitation }) => {
    await deleteInvitation(tx, invitation);
    return { result: undefined, before: shown(invitation) };
  });
}

/** Into one invitation; `not_found` where the organization has no such invitation. */
export function inInvitation(
  actor: Actor,
  act: OrganizationAct,
  at: InvitationIds,
): Entrance<InOrganization & { readonly invitation: Invitation }> {
  return leadingTo(inOrganization(actor, act, at), async (tx) => ({
    invitation: found(await findInvitation(tx, at)),
  }));
}

/** As by change of role: an administrator is made in one's own session, and nobody gives what they lack. */
function checkGiven({ via }: Person, membership: Membership, role: OrganizationRole): void {
  if (isAdministratorRole(role) && via.kind !== 'session') throw forbidden('not_by_token');
  if (!holdsRole(membership, role)) throw forbidden('role');
}

function subjectOf({ invitationId }: InvitationIds): string {
  return printInvitationId(invitationId);
}

/** Prints an invitation's id as `inv_<32 hex digits>`. */
export function printInvitationId(id: string): string {
  return `inv_${id.replaceAll('-', '')}`;
}

/** @returns the UUID behind a printed id of an invitation; undefined for anything else. */
export function parseInvitationId(printed: string): string | undefined {
  const [, ...parts] =
    /^inv_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/.exec(printed) ?? [];
  return parts.length === 0 ? undefined : parts.join('-');
}

function shown({ email, role, invitedBy, expiresAt }: Invitation) {
  const inviter = invitedBy === undefined ? null : printId('user', invitedBy);
  return { email, role, invited_by: inviter, expires_at: expiresAt.toISOString() };
}
