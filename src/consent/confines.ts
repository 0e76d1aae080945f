/**
 * The one place that a consent is confined to, where the application asks for a resource server whose
 * address carries one.
 *
 * What is unknown and what the user cannot reach look alike: nothing can be given there. The place is
 * bound by its id from then on, whatever its slugs become.
 *
 * @module
 */

import type { AddressedPlace } from '../storage/clients/resource-servers.ts';
import type { EntryPlace } from '../storage/consents/consent-entries.ts';
import type { Db } from '../storage/engine/database.ts';
import { findNamedPlace, type SeenResource } from '../storage/tree/resource-lookup.ts';
import { placeOfPickable } from './grantability.ts';
import { keyOf } from './merge-entries.ts';
import { seenResources } from './seen-resources.ts';

/** Where a consent, and the tokens under it, are confined to. */
export interface Confines {
  /** Undefined where there is no such place for this user. */
  readonly place: SeenResource | undefined;
}

/** No place has it: who is confined to it reaches nothing. */
const nowhere = '00000000-0000-0000-0000-000000000000';

/** @returns the place that an address carries, as this user sees it now. */
export async function findConfines(
  db: Db,
  accountId: string,
  { place, level, organizationId }: AddressedPlace,
): Promise<Confines> {
  const found = await findNamedPlace(db, place);
  const id = {
    organization: found.organizationId,
    database: found.databaseId,
    branch: found.branchId,
  }[level];
  const isElsewhere = organizationId !== undefined && organizationId !== found.organizationId;
  if (id === undefined || isElsewhere) return { place: undefined };
  const seen = await seenResources(db, accountId, [{ level, id }]);
  const resource = seen.get(keyOf({ level, id }));
  return { place: resource?.level === 'user' ? undefined : resource };
}

/** @returns the id of the place, which only that has. */
export function confinedTo({ place }: Confines): string {
  return place === undefined ? nowhere : placeOfPickable(place).id;
}

/** Whether a resource is the place or in it; everything is where nothing confines. */
export function isWithin(confines: Confines | undefined, one: EntryPlace): boolean {
  if (confines === undefined) return true;
  const id = confinedTo(confines);
  return one.id === id || one.databaseId === id || one.organizationId === id;
}
