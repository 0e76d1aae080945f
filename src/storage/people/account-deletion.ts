/**
 * What the deletion of an account takes from the tables. The row itself stays, empty, so that what
 * tells of the account by its id keeps its meaning and the id never means anybody else.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

// "No key": others may still refer to the row while the organizations' locks are waited for.
const hold = statement(`
  select email from accounts where id = $1 and status = 'active' for no key update`);

/**
 * Holds an account that is to be deleted: it joins no organization from now on.
 *
 * @returns its address; undefined when there is no active account.
 */
export async function holdAccountToDelete(tx: Db, id: string): Promise<string | undefined> {
  const [account] = await tx.query<{ email: string }>(hold, [id]);
  return account?.email;
}

const places = statement(`
  select organization_id as id from organization_members where account_id = $1 order by 1`);

/** @returns the ids of the organizations that the account is in, suspended or not, in order. */
export async function organizationsOf(tx: Db, accountId: string): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(places, [accountId]);
  return rows.map(({ id }) => id);
}

const endSessions = statement('delete from sessions where account_id = $1');
const endConsents = statement('delete from consents where account_id = $1');
const endOperator = statement('delete from operators where account_id = $1');
const endSetUpLinks = statement('delete from set_up_links where account_id = $1');
const empty = statement(`
  update accounts
     set status = 'deleted', email = 'deleted-' || id || '@deleted.invalid',
         name = 'Deleted account', password_hash = null, email_verified_at = null
   where id = $1`);

/** Ends sessions, consents with their tokens, and operator's rights; the address is free again. */
export async function emptyAccount(tx: Db, id: string): Promise<void> {
  for (const change of [endSessions, endConsents, endOperator, endSetUpLinks, empty]) {
    await tx.query(change, [id]);
  }
}
