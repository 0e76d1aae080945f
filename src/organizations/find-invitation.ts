/**
 * What the page behind an invitation's link may show, to whoever holds the link.
 *
 * @module
 */

import { sha256 } from '../lib/secrets.ts';
import type { OrganizationRole } from '../members/roles.ts';
import type { Db } from '../storage/engine/database.ts';
import { findInvitationByHash } from '../storage/people/invitations.ts';
import { findOrganization } from '../storage/tree/organizations.ts';

/** An invitation as its holder sees it. */
export interface OpenInvitation {
  readonly organizationName: string;
  /** The address that was invited, in its normal form; only its account can accept. */
  readonly email: string;
  readonly role: OrganizationRole;
  readonly isExpired: boolean;
  /** Whether an operator printed its link: then it does not prove the address. */
  readonly isPrinted: boolean;
}

/** @returns the invitation with that token; undefined when it was answered, cancelled or never was. */
export async function findOpenInvitation(
  db: Db,
  token: string,
): Promise<OpenInvitation | undefined> {
  const invitation = await findInvitationByHash(db, sha256(token));
  const organization = invitation && (await findOrganization(db, invitation.organizationId));
  if (invitation === undefined || organization === undefined) return undefined;
  const { email, role, isExpired, isPrinted } = invitation;
  return { organizationName: organization.name, email, role, isExpired, isPrinted };
}
