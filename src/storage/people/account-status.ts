/**
 * The status of an account: only an active one can do anything, from the next question on.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

const change = statement(`
  update accounts set status = $2 where id = $1 and status = $3 returning id`);

/** @returns whether it was changed: it was `from`, and is `to` now. */
export async function changeAccountStatus(
  tx: Db,
  accountId: string,
  { from, to }: { readonly from: 'active' | 'suspended'; readonly to: 'active' | 'suspended' },
): Promise<boolean> {
  return (await tx.query(change, [accountId, to, from])).length === 1;
}
