/**
 * The first operator, by the address that the installation's settings name: an account, and a mail with the
 * link to set it up. Only while no operator was ever named.
 *
 * @module
 */

import { newId, printId } from '../lib/ids.ts';
import { type Mail, type MailParts, writeMail } from '../mail/mail.ts';
import { recordAuditEvent } from '../storage/audit/audit-log.ts';
import type { Database, Db } from '../storage/engine/database.ts';
import { findAccount, findAccountWithPassword, insertAccount } from '../storage/people/accounts.ts';
import { putMail } from '../storage/people/mail-outbox.ts';
import { addOperator, holdFirstOperator } from '../storage/people/operators.ts';
import { issueSetUpLink } from './set-up.ts';
import { takeOverUnproven } from './unproven-account.ts';

/** The kind of mail in the outbox that this module composes. */
export const setUpMail = 'set-up-link';

const origin = { address: undefined, userAgent: 'SETUP_EMAIL' };

/**
 * Makes the owner of an address the first operator, and asks for the mail with their link.
 *
 * @param email in its normal form.
 * @returns false where an operator was named before; nothing is done then.
 */
export function inviteFirstOperator(db: Database, email: string): Promise<boolean> {
  return db.transaction(async (tx) => {
    if (!(await holdFirstOperator(tx))) return false;
    const found = (await findAccountWithPassword(tx, { email }))?.account;
    // Whoever made an account that nobody has proven may be anybody, and is not who was meant.
    if (found !== undefined && found.emailVerifiedAt === undefined)
      await takeOverUnproven(tx, found.id, origin);
    const id = found?.id ?? newId();
    const unproven = { passwordHash: undefined, emailVerifiedAt: undefined };
    if (found === undefined) await insertAccount(tx, { id, email, name: email, ...unproven });
    await addOperator(tx, id);
    await recordAuditEvent(tx, {
      action: 'operator.added',
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

/** The link is made here, so that its token is nowhere but in the mail. @returns undefined: not active. */
export async function composeSetUp(
  db: Db,
  accountId: string,
  parts: MailParts,
): Promise<Mail | undefined> {
  const account = await findAccount(db, accountId);
  const link = await issueSetUpLink(db, accountId);
  if (account === undefined || link === undefined) return undefined;
  const { email } = account;
  const path = `/set-up/${link.token}`;
  const values = { email: { email }, until: { time: link.expiresAt } };
  return writeMail(parts, { to: email, texts, path, values });
}
