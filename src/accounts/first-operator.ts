/**
 * The first operator, by the address that the installation's settings name: an account, and a mail with the
 * link to set it up, whose use makes them one. Only while no operator was ever named.
 *
 * @module
 */

import { newId, printId } from '../lib/ids.ts';
import { type Mail, type MailParts, writeMail } from '../mail/mail.ts';
import { recordAuditEvent } from '../storage/audit/audit-log.ts';
import type { Database, Db } from '../storage/engine/database.ts';
import { languageOf } from '../storage/people/account-languages.ts';
import { findAccount, findAccountWithPassword, insertAccount } from '../storage/people/accounts.ts';
import { putMail } from '../storage/people/mail-outbox.ts';
import { holdFirstOperator, holdInvitedFirst, inviteAsFirst } from '../storage/people/operators.ts';
import { issueSetUpLink, setUpSeconds } from './set-up.ts';

/** The kind of mail in the outbox that this module composes. */
export const setUpMail = 'set-up-link';

/**
 * Asks the owner of an address to be the first operator, by mail. Until they open its link nothing is theirs: an
 * account that is there may have been made by anybody, unless its address is proven.
 *
 * @param email in its normal form.
 * @returns false where nobody is asked: an operator was named before, or the same mail went out within the
 *   time that its link lasts.
 */
export function inviteFirstOperator(db: Database, email: string): Promise<boolean> {
  return db.run(async (tx) => {
    if (!(await holdFirstOperator(tx))) return false;
    const found = (await findAccountWithPassword(tx, { email }))?.account;
    const id = found?.id ?? newId();
    const unproven = { passwordHash: undefined, emailVerifiedAt: undefined };
    if (found === undefined) await insertAccount(tx, { id, email, name: email, ...unproven });
    if (!(await inviteAsFirst(tx, id, setUpSeconds))) return false;
    await recordAuditEvent(tx, {
      action: 'operator.invited',
      subject: printId('user', id),
      after: { account: found === undefined ? 'made' : 'found', by: 'SETUP_EMAIL' },
    });
    await putMail(tx, setUpMail, id);
    return true;
  });
}

const texts = {
  subject: 'set-up-mail.subject',
  lead: 'set-up-mail.lead',
  button: 'set-up-mail.button',
  after: 'set-up-mail.after',
} as const;

/**
 * The link is made here, so that its token is nowhere but in the mail.
 *
 * @returns undefined: the account is not active, or somebody else is asked or named by now.
 */
export async function composeSetUp(
  db: Db,
  accountId: string,
  parts: MailParts,
): Promise<Mail | undefined> {
  if ((await holdInvitedFirst(db)) !== accountId) return undefined;
  const account = await findAccount(db, accountId);
  const link = await issueSetUpLink(db, accountId, 'mailed');
  if (account === undefined || link === undefined) return undefined;
  const { email } = account;
  const path = `/set-up/${link.token}`;
  const values = { email: { email }, until: { time: link.expiresAt } };
  const locale = await languageOf(db, accountId);
  return writeMail(parts, { to: email, texts, path, locale, values });
}
