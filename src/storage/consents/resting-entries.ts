/**
 * Entries of a consent rest when they are older than their organization lets one grow, by the
 * database's clock.
 *
 * @module
 */

/**
 * SQL: the longest age in days of the entries in that organization, null where none is set. It is
 * looked for in an index of the organizations that have one, which are few; a statement finds out
 * once whether there are any.
 */
export function entryDaysIn(organizationId: string): string {
  return `case when exists (select from organizations a where a.max_entry_days is not null)
      then (select a.max_entry_days from organizations a
        where a.id = ${organizationId} and a.max_entry_days is not null) end`;
}

/**
 * SQL: whether `consent_entries e` rests; false in an organization without a longest age.
 *
 * @param days SQL: the longest age in days, or null.
 */
export function restsAfter(days: string): string {
  return `coalesce(e.consented_at <= now() - (${days}) * interval '1 day', false)`;
}

/** SQL: whether `consent_entries e` rests, where its organization is not read anyway. */
export const restsByAge = restsAfter(entryDaysIn('e.organization_id'));
