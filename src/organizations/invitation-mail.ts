/**
 * The mail of an invitation. Its link is made here, the moment before it is sent, so that the
 * token exists nowhere but in the mail.
 *
 * @module
 */

import { randomSecret, sha256 } from '../lib/secrets.ts';
import { type Mail, type MailParts, writeMail } from '../mail/mail.ts';
import type { Db } from '../storage/engine/database.ts';
import { giveInvitationToken } from '../storage/people/invitations.ts';

/** The kind of mail in the outbox that this module composes. */
export const invitationMail = 'invitation';

const texts = {
  subject: 'invitation-mail.subject',
  lead: 'invitation-mail.lead',
  button: 'invitation-mail.button',
  after: 'invitation-mail.after',
} as const;

/**
 * Gives the invitation a new token and writes its mail.
 *
 * @returns undefined when the invitation is over: there is nothing to send any more.
 */
export async function composeInvitation(
  db: Db,
  invitationId: string,
  parts: MailParts,
): Promise<Mail | undefined> {
  const token = randomSecret('usher_inv_');
  const invitation = await giveInvitationToken(db, invitationId, sha256(token));
  if (invitation === undefined) return undefined;
  const { email, organizationName, expiresAt, locale } = invitation;
  return writeMail(parts, {
    to: email,
    texts,
    locale: locale ?? undefined,
    path: `/invitations/${token}`,
    values: {
      name: { name: organizationName },
      email: { email },
      until: { time: expiresAt },
    },
  });
}
