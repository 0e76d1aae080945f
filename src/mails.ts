/**
 * Every kind of mail in the outbox, and who writes it.
 *
 * @module
 */

import { linkMails } from './accounts/ask-for-link.ts';
import { composeSetUp, setUpMail } from './accounts/first-operator.ts';
import { composeAddress, composeReset, composeSignUp } from './accounts/link-mails.ts';
import { composeNotice, notices } from './accounts/notices.ts';
import type { MailParts } from './mail/mail.ts';
import type { ComposeMail } from './mail/sender.ts';
import { composeInvitation, invitationMail } from './organizations/invitation-mail.ts';

/** @returns what writes each kind. */
export function mailWriters(parts: MailParts): Readonly<Record<string, ComposeMail>> {
  const notice: ComposeMail = (db, id) => composeNotice(db, id, parts);
  return {
    [invitationMail]: (db, id) => composeInvitation(db, id, parts),
    [setUpMail]: (db, id) => composeSetUp(db, id, parts),
    [linkMails.reset]: (db, id) => composeReset(db, id, parts),
    [linkMails.sign_up]: (db, id) => composeSignUp(db, id, parts),
    [linkMails.address]: (db, id) => composeAddress(db, id, parts),
    ...Object.fromEntries(Object.keys(notices).map((kind) => [kind, notice])),
  };
}
