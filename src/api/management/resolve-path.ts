/**
 * The ids that an address names. Organizations, databases, branches and teams may be named by slug.
 *
 *     /organizations/acme/databases/shop  ->  { organizationId, databaseId }
 *
 * A slug that nothing has is answered as an id that nothing has: it gets one that is nobody's, so that
 * what the caller may know is decided as for every id. What is acted on is the id, which stays what it is
 * while names change.
 *
 * @module
 */

import { newId } from '../../lib/ids.ts';
import type { Db } from '../../storage/engine/database.ts';
import { findNamedPath } from '../../storage/tree/resource-lookup.ts';
import type { NamedInPath } from './path-parameters.ts';

/** @returns the ids by the names of the use cases. One statement, and none where all are ids. */
export async function resolvePath(
  db: Db,
  { ids, slugs }: NamedInPath,
): Promise<Record<string, string>> {
  const keys = Object.keys(slugs) as (keyof typeof slugs)[];
  if (keys.length === 0) return { ...ids };
  const part = (key: keyof typeof slugs) => ({ id: ids[key], slug: slugs[key] });
  const found = await findNamedPath(db, {
    organization: part('organizationId'),
    database: part('databaseId'),
    branch: part('branchId'),
    team: part('teamId'),
  });
  return { ...ids, ...Object.fromEntries(keys.map((key) => [key, found[key] ?? newId()])) };
}
