/**
 * What somebody is told by mail after their account was changed, so that a change that was not theirs
 * does not go unseen.
 *
 * Source: OWASP ASVS 5 section 6.3.7 (notice of changed authentication details).
 *
 * @module
 */

import { type Mail, type MailParts, type MailWish, writeMail } from '../mail/mail.ts';
import type { Db } from '../storage/engine/database.ts';
import { findNotice } from '../storage/people/account-notices.ts';

/** The kinds of notice, which are kinds of mail in the outbox, with their texts. */
export const notices = {
  'password-changed': {
    subject: 'password-notice.subject',
    lead: 'password-notice.lead',
    button: 'password-notice.button',
    after: 'password-notice.after',
  },
  'address-changed': {
    subject: 'address-notice.subject',
    lead: 'address-notice.lead',
    after: 'address-notice.after',
  },
  'account-deleted': {
    subject: 'deleted-notice.subject',
    lead: 'deleted-notice.lead',
    after: 'deleted-notice.after',
  },
} as const satisfies Record<string, MailWish['texts']>;

type NoticeKind = keyof typeof notices;

/** @returns undefined when there is nothing to tell any more. */
export async function composeNotice(
  db: Db,
  id: string,
  parts: MailParts,
): Promise<Mail | undefined> {
  const notice = await findNotice(db, id);
  const kind = Object.keys(notices).find((one) => one === notice?.kind) as NoticeKind | undefined;
  if (notice === undefined || kind === undefined) return undefined;
  const { createdAt, details, email, locale } = notice;
  const addresses = Object.entries(details).map(([name, value]) => [name, { email: value }]);
  const values = { email: { email }, at: { time: createdAt }, ...Object.fromEntries(addresses) };
  return writeMail(parts, { to: email, texts: notices[kind], path: '/reset', locale, values });
}
