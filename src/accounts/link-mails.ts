/**
 * The mails with a link to an account. Here, the moment before it is sent, it turns out whose address it
 * is, and the token is made, which exists nowhere but in the mail.
 *
 * @module
 */

import { randomSecret, sha256 } from '../lib/secrets.ts';
import { type Mail, type MailParts, type MailWish, writeMail } from '../mail/mail.ts';
import type { Db } from '../storage/engine/database.ts';
import { findLinkToSend, giveLinkToken, type LinkToSend } from '../storage/people/account-links.ts';
import { findAccount } from '../storage/people/accounts.ts';

const hour = 60 * 60;

const resetTexts = {
  subject: 'reset-mail.subject',
  lead: 'reset-mail.lead',
  button: 'reset-mail.button',
  after: 'reset-mail.after',
} as const;

/** @returns undefined where nobody active has the address: then nothing is sent. */
export async function composeReset(
  db: Db,
  id: string,
  parts: MailParts,
): Promise<Mail | undefined> {
  const link = await findLinkToSend(db, id);
  if (!link?.holder?.isActive) return undefined;
  const given = await giveToken(db, link, 'usher_reset_', link.holder.id, hour);
  return (
    given && write(parts, link, { texts: resetTexts, ...given, path: `/reset/${given.token}` })
  );
}

const signUpTexts = {
  subject: 'sign-up-mail.subject',
  lead: 'sign-up-mail.lead',
  button: 'sign-up-mail.button',
  after: 'sign-up-mail.after',
} as const;

const knownTexts = {
  subject: 'known-mail.subject',
  lead: 'known-mail.lead',
  button: 'known-mail.button',
  after: 'known-mail.after',
} as const;

/**
 * Whoever has an account gets a mail that says so; nobody else learns it. Its link carries no secret: it
 * proves nothing, and leads to where one signs in.
 */
export async function composeSignUp(
  db: Db,
  id: string,
  parts: MailParts,
): Promise<Mail | undefined> {
  const link = await findLinkToSend(db, id);
  if (link === undefined) return undefined;
  const { email, holder, locale } = link;
  if (holder !== undefined && (holder.hasAccess || !holder.isActive)) {
    return writeMail(parts, {
      to: email,
      texts: knownTexts,
      locale,
      values: { email: { email } },
      path: `/sign-in/continue/${id}`,
    });
  }
  const given = await giveToken(db, link, 'usher_signup_', undefined, 24 * hour);
  return (
    given && write(parts, link, { texts: signUpTexts, ...given, path: `/sign-up/${given.token}` })
  );
}

const addressTexts = {
  subject: 'address-mail.subject',
  lead: 'address-mail.lead',
  button: 'address-mail.button',
  after: 'address-mail.after',
} as const;

/** To the new address of an account; the link works for whoever is signed in to it. */
export async function composeAddress(
  db: Db,
  id: string,
  parts: MailParts,
): Promise<Mail | undefined> {
  const link = await findLinkToSend(db, id);
  const account = link?.accountId === undefined ? undefined : await findAccount(db, link.accountId);
  if (link === undefined || account?.status !== 'active') return undefined;
  const given = await giveToken(db, link, 'usher_address_', account.id, hour);
  const path = `/account/email/${given?.token}`;
  const now = { email: account.email };
  return given && write(parts, link, { texts: addressTexts, ...given, path, now });
}

async function giveToken(
  db: Db,
  { id }: LinkToSend,
  prefix: `usher_${string}_`,
  accountId: string | undefined,
  ttlSeconds: number,
): Promise<{ readonly token: string; readonly until: Date } | undefined> {
  const token = randomSecret(prefix);
  const until = await giveLinkToken(db, id, { hash: sha256(token), accountId, ttlSeconds });
  return until && { token, until };
}

interface LinkMail extends Pick<MailWish, 'texts'> {
  readonly path: string;
  readonly until: Date;
  readonly now?: { readonly email: string };
}

function write(
  parts: MailParts,
  { email, locale }: LinkToSend,
  { texts, path, until, now }: LinkMail,
): Mail {
  const values = { email: { email }, until: { time: until }, ...(now ? { now } : {}) };
  return writeMail(parts, { to: email, texts, path, locale, values });
}
