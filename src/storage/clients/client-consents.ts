/**
 * All that people have consented to, or are about to, for one client.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** The asking is in the payload only; few clients change often, and interactions live an hour. */
const removePending = statement(`
  delete from provider_records
  where kind = 'Interaction' and payload -> 'params' ->> 'client_id' = $1`);
const removeAll = statement(`
  with gone as (delete from consents where client_id = $1 returning 1)
  select count(*)::int as count from gone`);

/**
 * Deletes the client's consents with their entries, grants and tokens, and the consent pages that
 * are open: what a person agrees to on one of them was asked under terms that no longer hold.
 *
 * Called before the client itself is deleted. Whoever issues a token holds its grant first and the
 * client then, so going the other way round would be a deadlock.
 *
 * @returns how many consents there were.
 */
export async function deleteConsentsOfClient(tx: Db, clientId: string): Promise<number> {
  await tx.query(removePending, [clientId]);
  const [row] = await tx.query<{ count: number }>(removeAll, [clientId]);
  return row?.count ?? 0;
}
