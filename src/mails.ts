/**
 * Every kind of mail in the outbox, and who writes it.
 *
 * @module
 */

import type { MailParts } from './mail/mail.ts';
import type { ComposeMail } from './mail/sender.ts';
import { composeInvitation, invitationMail } from './organizations/invitation-mail.ts';

/** @returns what writes each kind. */
export function mailWriters(parts: MailParts): Readonly<Record<string, ComposeMail>> {
  return {
    [invitationMail]: (db, id) => composeInvitation(db, id, parts),
  };
}
