/**
 * The `operators` table: the people who run Usher.
 *
 * Source: migrations/20261122000300-operators.ts, 20261129013800-first-operator.ts,
 * 20261129090905-set-up-links-by-mail.ts.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

const select = statement(`
  select from operators o join accounts a on a.id = o.account_id
  where o.account_id = $1 and a.status = 'active'`);

/** Whether the account is an operator's, and active. */
export async function isOperator(db: Db, accountId: string): Promise<boolean> {
  return (await db.query(select, [accountId])).length === 1;
}

const insert = statement(
  'insert into operators (account_id) values ($1) on conflict (account_id) do nothing',
);

const mark = statement('update first_operator set named_at = now() where named_at is null');
const holdFirst = statement(`
  select named_at is null and not exists (select from operators) as "isOpen"
    from first_operator for update`);

/** Makes an account an operator's. */
export async function addOperator(db: Db, accountId: string): Promise<void> {
  await db.query(insert, [accountId]);
  await db.query(mark);
}

/** @returns whether no operator was ever named; until the transaction is over nobody else gets that answer. */
export async function holdFirstOperator(tx: Db): Promise<boolean> {
  const [row] = await tx.query<{ isOpen: boolean }>(holdFirst);
  return row?.isOpen === true;
}

const invite = statement(`
  update first_operator set invited_account_id = $1, invited_at = now()
   where invited_account_id is distinct from $1
      or invited_at < now() - make_interval(secs => $2)
  returning 1`);

/**
 * Remembers who is invited by the settings as the first operator, instead of the one who was before.
 *
 * @returns false: the same account was asked less than `againSeconds` ago.
 */
export async function inviteAsFirst(
  tx: Db,
  accountId: string,
  againSeconds: number,
): Promise<boolean> {
  return (await tx.query(invite, [accountId, againSeconds])).length === 1;
}

const holdInvited = statement(`
  select invited_account_id as "accountId" from first_operator
   where named_at is null and not exists (select from operators) for update`);

/** @returns who is asked to be the first operator; undefined when nobody is, or somebody is one. */
export async function holdInvitedFirst(tx: Db): Promise<string | undefined> {
  const [row] = await tx.query<{ accountId: string | null }>(holdInvited);
  return row?.accountId ?? undefined;
}

const askFirst = statement(`
  select named_at is null and not exists (select from operators) as "isOpen" from first_operator`);

/** @returns whether no operator was ever named, as of now. */
export async function wasNoOperatorNamed(db: Db): Promise<boolean> {
  return (await db.query<{ isOpen: boolean }>(askFirst, []))[0]?.isOpen === true;
}

const remove = statement('delete from operators where account_id = $1 returning account_id');

/** @returns whether the account was an operator's. */
export async function removeOperator(db: Db, accountId: string): Promise<boolean> {
  return (await db.query(remove, [accountId])).length === 1;
}

/** An operator, with what to print of the account. */
export interface ListedOperator {
  readonly accountId: string;
  readonly email: string;
  readonly status: string;
  readonly addedAt: Date;
}

const list = statement(`
  select o.account_id as "accountId", a.email, a.status, o.created_at as "addedAt"
    from operators o join accounts a on a.id = o.account_id order by a.email`);

/** @returns every operator, by address; also those whose account is suspended. */
export function listOperators(db: Db): Promise<ListedOperator[]> {
  return db.query<ListedOperator>(list);
}
