/**
 * The mails that somebody gets after their account, or what they allow an application, was changed, so
 * that a change that was not theirs does not go unseen.
 *
 * Source: OWASP ASVS 5 section 6.3.7 (notice of changed authentication details).
 *
 * @module
 */

import {
  type Mail,
  type MailParts,
  type MailValue,
  type MailWish,
  writeMail,
} from '../mail/mail.ts';
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
  'new-device': {
    subject: 'device-notice.subject',
    lead: 'device-notice.lead',
    button: 'device-notice.button',
    after: 'device-notice.after',
  },
  'identity-connected': {
    subject: 'connected-notice.subject',
    lead: 'connected-notice.lead',
    button: 'connected-notice.button',
    after: 'connected-notice.after',
  },
  'identity-disconnected': {
    subject: 'disconnected-notice.subject',
    lead: 'disconnected-notice.lead',
    button: 'disconnected-notice.button',
    after: 'disconnected-notice.after',
  },
  'approval-requested': {
    subject: 'approval-asked-mail.subject',
    lead: 'approval-asked-mail.lead',
    button: 'approval-asked-mail.button',
    after: 'approval-asked-mail.after',
  },
  'approval-given': {
    subject: 'approval-given-mail.subject',
    lead: 'approval-given-mail.lead',
    after: 'approval-given-mail.after',
  },
  'approval-declined': {
    subject: 'approval-declined-mail.subject',
    lead: 'approval-declined-mail.lead',
    after: 'approval-declined-mail.after',
  },
  'access-idle': {
    subject: 'idle-notice.subject',
    lead: 'idle-notice.lead',
    button: 'idle-notice.button',
    after: 'idle-notice.after',
  },
  'application-reaches-production': {
    subject: 'reach-notice.production-subject',
    lead: 'reach-notice.production-lead',
    button: 'reach-notice.button',
    after: 'reach-notice.after',
  },
  'application-manages-people': {
    subject: 'reach-notice.people-subject',
    lead: 'reach-notice.people-lead',
    button: 'reach-notice.button',
    after: 'reach-notice.after',
  },
  'application-reaches-both': {
    subject: 'reach-notice.both-subject',
    lead: 'reach-notice.both-lead',
    button: 'reach-notice.button',
    after: 'reach-notice.after',
  },
} as const satisfies Record<string, MailWish['texts']>;

type NoticeKind = keyof typeof notices;

/** Where the button of a kind leads, where the notice itself does not say it. */
const paths: Readonly<Partial<Record<NoticeKind, string>>> = {
  'password-changed': '/reset',
  'new-device': '/account/sessions',
  'identity-connected': '/account/connections',
  'identity-disconnected': '/account/connections',
  'access-idle': '/account/applications',
  'application-reaches-production': '/account/applications',
  'application-manages-people': '/account/applications',
  'application-reaches-both': '/account/applications',
};

/** What a detail is, by its name; every kind's texts name the ones that they need. */
const detailValues: Readonly<Record<string, (value: string | undefined) => MailValue>> = {
  from: (email = '') => ({ email }),
  to: (email = '') => ({ email }),
  provider: (name = '') => ({ name }),
  person: (name = '') => ({ name }),
  application: (name = '') => ({ name }),
  organization: (name = '') => ({ name }),
  device: (userAgent) => ({ userAgent }),
  address: (address) => ({ address }),
};

/** @returns undefined when there is nothing to say any more. */
export async function composeNotice(
  db: Db,
  id: string,
  parts: MailParts,
): Promise<Mail | undefined> {
  const notice = await findNotice(db, id);
  const kind = Object.keys(notices).find((one) => one === notice?.kind) as NoticeKind | undefined;
  if (notice === undefined || kind === undefined) return undefined;
  const { createdAt, details, email, locale } = notice;
  const ofDetails = Object.entries(detailValues).map(([name, of]) => [name, of(details[name])]);
  const values = {
    email: { email },
    at: { time: createdAt },
    ...Object.fromEntries(ofDetails),
  };
  const path = paths[kind] ?? details['path'] ?? '/';
  return writeMail(parts, {
    to: email,
    texts: notices[kind],
    path,
    locale,
    values,
  });
}
