/**
 * The mail of an invitation. Its link is made here, the moment before it is sent, so that the
 * token exists nowhere but in the mail.
 *
 * @module
 */

import { groupNameFault } from '../clients/name-rule.ts';
import type { Messages } from '../lib/messages.ts';
import { randomSecret, sha256 } from '../lib/secrets.ts';
import type { Db } from '../storage/engine/database.ts';
import { giveInvitationToken } from '../storage/people/invitations.ts';
import type { Mail } from './mail-transport.ts';

/** The kind of mail in the outbox that this module composes. */
export const invitationMail = 'invitation';

/** What the mail is written with. */
export interface MailParts {
  /** The address of Usher, without a slash at its end. */
  readonly issuer: string;
  readonly t: Messages;
}

/**
 * Gives the invitation a new token and writes its mail.
 *
 * @returns undefined when the invitation is over: there is nothing to send any more.
 */
export async function composeInvitation(
  db: Db,
  invitationId: string,
  { issuer, t }: MailParts,
): Promise<Mail | undefined> {
  const token = randomSecret('usher_inv_');
  const invitation = await giveInvitationToken(db, invitationId, sha256(token));
  if (invitation === undefined) return undefined;
  const { email, organizationName, expiresAt } = invitation;
  const name = harmless(organizationName);
  const link = `${issuer}/invitations/${token}`;
  const until = t.time(expiresAt.toISOString());
  return {
    to: email,
    subject: t.text('invitation-mail.subject', { name }),
    text: `${t.text('invitation-mail.text', { name, email, link, until })}\n`,
  };
}

const longestName = 100;

/** A name from before there was a rule: what is left of it leads nowhere, and is no encoded word. */
function harmless(name: string): string {
  if (groupNameFault(name, longestName) === undefined) return name;
  return name
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .slice(0, longestName)
    .trim();
}
