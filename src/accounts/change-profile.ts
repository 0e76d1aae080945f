/**
 * Another name, and another address, for somebody who is signed in.
 *
 *     asked for, in a sign-in of just now -> a link to the new address -> opened in a session of the same
 *     account -> the address is changed, every open link to the old one ends, both get a mail
 *
 * The link alone changes nothing: whoever reads mail at the new address may not be who asked. The same
 * way proves the address that an account has, where it never was proven.
 *
 * Source: OWASP ASVS 5 sections 6.3.7 and 7.5.1.
 *
 * @module
 */

import { personNameFault, storedName } from '../clients/name-rule.ts';
import { normalizeEmail } from '../lib/email-address.ts';
import { newId, printId } from '../lib/ids.ts';
import { sha256 } from '../lib/secrets.ts';
import { countMail } from '../mail/limits.ts';
import { type Origin, recordAuditEvent } from '../storage/audit/audit-log.ts';
import { brokeConstraint, type Db, type Work } from '../storage/engine/database.ts';
import {
  type AccountLink,
  endAccountLinks,
  endAddressLinks,
  findAccountLink,
  insertAccountLink,
  takeAccountLink,
} from '../storage/people/account-links.ts';
import { putNotice } from '../storage/people/account-notices.ts';
import {
  type Account,
  changeAccountEmail,
  findAccount,
  proveAddress,
  renameAccount,
} from '../storage/people/accounts.ts';
import { putMail } from '../storage/people/mail-outbox.ts';
import { holdAccount } from '../storage/people/sessions.ts';
import { replaceSetUpLinks } from '../storage/people/set-up-links.ts';
import { linkMails } from './ask-for-link.ts';

/** Who changes something about themselves. */
interface Self {
  readonly work: Work;
  readonly account: Account;
  readonly origin: Origin;
}

const longestName = 100;

/** @returns whether it is a name that can be had. */
export async function changeName({ work, account, origin }: Self, typed: string): Promise<boolean> {
  const name = storedName(typed, longestName);
  if (personNameFault(name, longestName) !== undefined) return false;
  await work.run(async (tx) => {
    await renameAccount(tx, account.id, name);
    const event = { action: 'account.renamed', actorAccountId: account.id };
    const subject = printId('user', account.id);
    await recordAuditEvent(tx, {
      ...event,
      subject,
      before: { name: account.name },
      after: { name },
      origin,
    });
  });
  return true;
}

export type AddressChangeResult =
  | { readonly outcome: 'asked'; readonly email: string }
  | { readonly outcome: 'refused'; readonly why: 'not_an_address' | 'same' }
  | { readonly outcome: 'throttled'; readonly retryAfterSeconds: number };

/** Asks for a link to the new address. Whether somebody has that address already is not said. */
export async function askForAddress(
  { work, account, origin }: Self,
  typed: string,
  locale: string | undefined,
): Promise<AddressChangeResult> {
  const email = normalizeEmail(typed);
  if (email === undefined) return { outcome: 'refused', why: 'not_an_address' };
  const isSame = email === account.email;
  if (isSame && account.emailVerifiedAt !== undefined) return { outcome: 'refused', why: 'same' };
  const wait = await work.run(async (tx) => {
    const seconds = await countMail(tx, email, account.id);
    if (seconds !== undefined) return seconds;
    await endAddressLinks(tx, account.id);
    const id = newId();
    await insertAccountLink(tx, { id, kind: 'address', email, accountId: account.id, locale });
    await putMail(tx, linkMails.address, id);
    const event = { action: 'account.address_asked', actorAccountId: account.id };
    await recordAuditEvent(tx, { ...event, subject: printId('user', account.id), origin });
    return undefined;
  });
  if (wait !== undefined) return { outcome: 'throttled', retryAfterSeconds: wait };
  return { outcome: 'asked', email };
}

/** @returns the link; undefined for a token that was never one. Changes nothing. */
export function readAddressLink(db: Db, token: string): Promise<AccountLink | undefined> {
  return findAccountLink(db, 'address', sha256(token));
}

/** `over`: the link was used or ended; `taken`: another account has the address by now. */
export type AddressTaken =
  | { readonly outcome: 'changed'; readonly email: string }
  | { readonly outcome: 'over' | 'taken' };

/** Gives the account the address of the link. */
export async function takeAddress(
  { work, account, origin }: Self,
  token: string,
  locale: string | undefined,
): Promise<AddressTaken> {
  try {
    return await work.run(async (tx) => {
      await holdAccount(tx, account.id);
      const taken = await takeAccountLink(tx, 'address', sha256(token));
      const before = await findAccount(tx, account.id);
      if (taken?.accountId !== account.id || before === undefined) return { outcome: 'over' };
      await change(tx, { before, to: taken.email, locale, origin });
      return { outcome: 'changed', email: taken.email };
    });
  } catch (error) {
    if (brokeConstraint(error, 'accounts_email_key')) return { outcome: 'taken' };
    throw error;
  }
}

interface Change {
  readonly before: Account;
  readonly to: string;
  readonly locale: string | undefined;
  readonly origin: Origin;
}

async function change(tx: Db, { before, to, locale, origin }: Change): Promise<void> {
  const { id, email: from } = before;
  const event = { actorAccountId: id, subject: printId('user', id), origin };
  if (from === to) {
    await proveAddress(tx, id);
    await recordAuditEvent(tx, { ...event, action: 'account.address_proven' });
    return;
  }
  await endAccountLinks(tx, id); // while it still has the old address
  await replaceSetUpLinks(tx, id);
  await changeAccountEmail(tx, id, to);
  const emails = { before: { email: from }, after: { email: to } };
  await recordAuditEvent(tx, { ...event, ...emails, action: 'account.address_changed' });
  for (const email of [from, to]) {
    const notice = { kind: 'address-changed', email, accountId: id, locale };
    await putNotice(tx, { ...notice, details: { from, to } });
  }
}
