/**
 * The `operators` table: the people who run Usher.
 *
 * Source: migrations/20261122000300-operators.ts.
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

/** Makes an account an operator's. */
export async function addOperator(db: Db, accountId: string): Promise<void> {
  await db.query(insert, [accountId]);
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
