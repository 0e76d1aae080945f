/**
 * The `accounts` table, for those who give an account a place: it stays active and keeps its
 * address until the transaction ends. Taken before any organization's lock.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** An active account that is held. */
export interface HeldAccount {
  readonly id: string;
  readonly email: string;
  readonly isEmailVerified: boolean;
}

const hold = statement(`
  select id, email, email_verified_at is not null as "isEmailVerified"
    from accounts where id = $1 and status = 'active' for share`);

/** @returns the account; undefined when there is none, or it is not active. */
export async function holdActiveAccount(tx: Db, id: string): Promise<HeldAccount | undefined> {
  const [account] = await tx.query<HeldAccount>(hold, [id]);
  return account;
}
