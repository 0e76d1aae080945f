/**
 * Clients that registered themselves and that nobody ever took up.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** Clients that somebody consents to at this moment are passed over: their rows are held. */
const hold = statement(`
  select c.id from clients c
  where c.is_dynamic and not c.is_verified and c.status = 'active' and c.owner_organization_id is null
    and c.created_at < now() - make_interval(days => $1)
    and not exists (select from consents where client_id = c.id)
    and not exists (select from application_approvals where client_id = c.id)
    and not exists (select from client_secrets where client_id = c.id and last_used_at is not null)
  order by c.created_at limit $2 for update of c skip locked`);
/** Looks again: a consent may have come between the look and the hold, and none can come after. */
const remove = statement(`
  delete from clients c
  where c.id = any($1::text[])
    and not exists (select from consents where client_id = c.id)
    and not exists (select from application_approvals where client_id = c.id)
  returning c.id`);

/**
 * Deletes clients that registered themselves, at least `days` ago, and that have no consent, no
 * organization's approval and never used their secret. Verified and suspended ones stay: an operator
 * has dealt with them.
 *
 * @param limit at most so many.
 * @returns the ids of those that were deleted.
 */
export async function deleteUnusedClients(tx: Db, days: number, limit: number): Promise<string[]> {
  const held = await tx.query<{ id: string }>(hold, [days, limit]);
  if (held.length === 0) return [];
  const ids = held.map(({ id }) => id);
  return (await tx.query<{ id: string }>(remove, [ids])).map(({ id }) => id);
}
