/**
 * The one resource that a consent is confined to, where the application asks for a resource server whose
 * address names one.
 *
 * What is unknown and what the user cannot reach look alike: nothing can be given there. The resource is
 * bound by its id from then on, whatever its slugs become.
 *
 * @module
 */

import type { AddressedResource } from '../storage/clients/resource-servers.ts';
import type { EntryResource } from '../storage/consents/consent-entries.ts';
import type { Db } from '../storage/engine/database.ts';
import { findNamedPath, type SeenResource } from '../storage/tree/resource-lookup.ts';
import { entryResourceOf } from './grantability.ts';
import { keyOf } from './merge-entries.ts';
import { seenResources } from './seen-resources.ts';

/** Where a consent, and the tokens under it, are confined to. */
export interface Confines {
  /** Undefined where this user sees no such resource. */
  readonly resource: SeenResource | undefined;
}

/** The id of no resource: a token that is confined to it reaches nothing. */
const nowhere = '00000000-0000-0000-0000-000000000000';

/** @returns the resource that an address names, as this user sees it now. */
export async function findConfines(
  db: Db,
  accountId: string,
  { path, level, organizationId }: AddressedResource,
): Promise<Confines> {
  const found = await findNamedPath(db, path);
  const id = {
    organization: found.organizationId,
    database: found.databaseId,
    branch: found.branchId,
  }[level];
  const isElsewhere = organizationId !== undefined && organizationId !== found.organizationId;
  if (id === undefined || isElsewhere) return { resource: undefined };
  const seen = await seenResources(db, accountId, [{ level, id }]);
  const resource = seen.get(keyOf({ level, id }));
  return { resource: resource?.level === 'user' ? undefined : resource };
}

/** @returns the id of the resource, or one that nothing has. */
export function confinedTo({ resource }: Confines): string {
  return resource === undefined ? nowhere : entryResourceOf(resource).id;
}

/** Whether a resource is that one or in it; all are where nothing confines. */
export function isWithin(confines: Confines | undefined, one: EntryResource): boolean {
  if (confines === undefined) return true;
  const id = confinedTo(confines);
  return one.id === id || one.databaseId === id || one.organizationId === id;
}
