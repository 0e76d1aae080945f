/**
 * Which of some resources the user sees now: those of organizations of which the account is an active
 * member, as `resolveResources` has it; and always the account itself.
 *
 * @module
 */

import type { ResourceKey } from '../storage/consents/consent-entries.ts';
import type { Db } from '../storage/engine/database.ts';
import { resolveResources } from '../storage/tree/resource-lookup.ts';
import { entryResourceOf, type Pickable } from './grantability.ts';
import { keyOf } from './merge-entries.ts';

/** @returns the resources that the user sees, by `keyOf`; one that is not there is left out. */
export async function seenResources(
  db: Db,
  accountId: string,
  resources: readonly ResourceKey[],
): Promise<Map<string, Pickable>> {
  const idsAt = (level: ResourceKey['level']) =>
    resources.filter((one) => one.level === level).map(({ id }) => id);
  const seen = await resolveResources(db, accountId, {
    organizations: idsAt('organization'),
    databases: idsAt('database'),
    branches: idsAt('branch'),
  });
  const account: Pickable = { level: 'user', accountId };
  return new Map(
    [account, ...seen].map((resource) => [keyOf(entryResourceOf(resource)), resource]),
  );
}
