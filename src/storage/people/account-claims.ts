/**
 * What the `accounts` table tells of a person who may sign in and be told about.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** An account that is neither suspended nor deleted. */
export interface ActiveAccount {
  readonly name: string;
  readonly email: string;
  readonly isEmailVerified: boolean;
}

const select = statement(`
  select name, email, email_verified_at is not null as "isEmailVerified"
  from accounts where id = $1 and status = 'active'`);

/** @returns the account; undefined when there is none, or it is not active. */
export async function findActiveAccount(db: Db, id: string): Promise<ActiveAccount | undefined> {
  const [account] = await db.query<ActiveAccount>(select, [id]);
  return account;
}
