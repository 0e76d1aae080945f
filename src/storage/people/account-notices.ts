/**
 * The `account_notices` table: mails about what happened to an account, to the address that was
 * theirs then. A row is written in the transaction of what it is about.
 *
 * Source: migrations/20261129002500-account-links.ts.
 *
 * @module
 */

import { newId } from '../../lib/ids.ts';
import { type Db, statement } from '../engine/database.ts';
import { putMail } from './mail-outbox.ts';

/** What a mail says. */
export interface AccountNotice {
  /** The kind of mail in the outbox. */
  readonly kind: string;
  /** Where it goes, in its normal form. */
  readonly email: string;
  /** Undefined where the account is gone. */
  readonly accountId: string | undefined;
  readonly locale: string | undefined;
  /** What the text says about. */
  readonly details: Readonly<Record<string, string>>;
  readonly createdAt: Date;
}

const insert = statement(`
  insert into account_notices (id, kind, email, account_id, locale, details)
  values ($1, $2, $3, $4, $5, $6)`);

/** Adds a notice, and asks for its mail. */
export async function putNotice(tx: Db, notice: Omit<AccountNotice, 'createdAt'>): Promise<void> {
  const { kind, email, accountId, locale, details } = notice;
  const id = newId();
  await tx.query(insert, [id, kind, email, accountId ?? null, locale ?? null, details]);
  await putMail(tx, kind, id);
}

const select = statement(`
  select n.kind, n.email, n.account_id as "accountId", coalesce(n.locale, a.locale) as locale,
         n.details, n.created_at as "createdAt"
    from account_notices n left join accounts a on a.id = n.account_id where n.id = $1`);

/** @returns undefined when it is too old, or its account was deleted meanwhile. */
export async function findNotice(db: Db, id: string): Promise<AccountNotice | undefined> {
  type Row = Omit<AccountNotice, 'accountId' | 'locale'> & {
    accountId: string | null;
    locale: string | null;
  };
  const [row] = await db.query<Row>(select, [id]);
  if (row === undefined) return undefined;
  return { ...row, accountId: row.accountId ?? undefined, locale: row.locale ?? undefined };
}

const forget = statement('delete from account_notices where account_id = $1');

/** Deletes the unsent notices of an account that is deleted. */
export async function deleteNotices(tx: Db, accountId: string): Promise<void> {
  await tx.query(forget, [accountId]);
}
