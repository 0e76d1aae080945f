/**
 * The mail of an invitation. Its link is made here, the moment before it is sent, so that the
 * token exists nowhere but in the mail.
 *
 * @module
 */

import { randomSecret, sha256 } from '../lib/secrets.ts';
import type { Db } from '../storage/database.ts';
import { giveInvitationToken } from '../storage/invitations.ts';
import type { Mail } from './mail-transport.ts';

/** The kind of mail in the outbox that this module composes. */
export const invitationMail = 'invitation';

/**
 * Gives the invitation a new token and writes its mail.
 *
 * @param issuer the address of Usher, without a slash at its end.
 * @returns undefined when the invitation is over: there is nothing to send any more.
 */
export async function composeInvitation(
  db: Db,
  invitationId: string,
  issuer: string,
): Promise<Mail | undefined> {
  const token = randomSecret('usher_inv_');
  const invitation = await giveInvitationToken(db, invitationId, sha256(token));
  if (invitation === undefined) return undefined;
  const { email, organizationName, expiresAt } = invitation;
  return {
    to: email,
    subject: `Invitation to ${organizationName}`,
    text: [
      `You are invited to join the organization "${organizationName}".`,
      '',
      'Open this address to accept or decline:',
      `${issuer}/invitations/${token}`,
      '',
      `It works once, for the account with the address ${email}, until ${expiresAt.toUTCString()}.`,
      'If you do not know what this is about, do nothing: nobody joins anything by itself.',
      '',
    ].join('\n'),
  };
}
