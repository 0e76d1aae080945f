/**
 * What was picked on a consent page, checked against what the user sees and may give there now.
 *
 * @module
 */

import {
  emptySet,
  intersect,
  isSubset,
  type ScopeSet,
  scopesAtLevel,
  union,
} from '../catalogue/scope-set.ts';
import type { ApplicationSummary } from '../storage/clients/client-list.ts';
import type { NewEntry, StoredEntry } from '../storage/consents/consent-entries.ts';
import type { Db } from '../storage/engine/database.ts';
import { type Confines, isWithin } from './confines.ts';
import { ConsentRefusedError } from './consent-refused-error.ts';
import {
  entryResourceOf,
  grantabilityOn,
  grantableAmong,
  loadGrantabilityFacts,
} from './grantability.ts';
import { type CheckedPick, keyOf } from './merge-entries.ts';
import { hasProductionChoice, type PickedResource } from './picked-resource.ts';
import { seenResources } from './seen-resources.ts';

/** What is picked, and where it may be. */
interface AskedPicks {
  readonly accountId: string;
  readonly picks: readonly PickedResource[];
  readonly asked: ScopeSet;
  readonly confines: Confines | undefined;
}

/** @throws {ConsentRefusedError} a pick is not there, or not to be given; `resource` says which. */
export async function checkPicks(
  tx: Db,
  application: ApplicationSummary,
  { accountId, picks, asked, confines }: AskedPicks,
  stored: readonly StoredEntry[],
): Promise<CheckedPick[]> {
  const seen = await seenResources(tx, accountId, picks);
  const organizations = Array.from(seen.values(), entryResourceOf);
  const organizationIds = organizations.flatMap(({ organizationId }) => organizationId ?? []);
  const facts = await loadGrantabilityFacts(tx, accountId, application, [
    ...new Set(organizationIds),
  ]);
  const storedOn = Map.groupBy(stored, ({ resource }) => keyOf(resource));

  return picks.map((pick) => {
    const resource = seen.get(keyOf(pick));
    if (resource === undefined || !isWithin(confines, entryResourceOf(resource))) {
      throw new ConsentRefusedError('resource_unknown', { resource: pick });
    }
    if (!isSubset(pick.scopes, intersect(asked, scopesAtLevel[pick.level]))) {
      throw new ConsentRefusedError('scope_not_asked', { resource: pick });
    }
    const production = resource.level === 'branch' ? resource.branch.production : undefined;
    if (production !== (pick.seenProduction ?? production)) {
      throw new ConsentRefusedError('branch_changed', { resource: pick });
    }
    const offered = grantableAmong(grantabilityOn(asked, resource, facts));
    const allowed = scopesOf(storedOn.get(keyOf(pick)) ?? []);
    if (!isSubset(pick.scopes, union(offered, allowed))) {
      throw new ConsentRefusedError('scope_not_grantable', { resource: pick });
    }
    const includesProduction = pick.includesProduction || !hasProductionChoice(pick);
    const reach = { ...facts, includesProduction };
    const grantable = grantableAmong(grantabilityOn(asked, resource, reach));
    return {
      resource: entryResourceOf(resource),
      production,
      includesProduction,
      ticked: pick.scopes,
      grantable,
    };
  });
}

/** @returns all that the entries carry, wherever. */
export function scopesOf(entries: readonly NewEntry[]): ScopeSet {
  return entries.reduce((set, { scopes }) => union(set, scopes), emptySet);
}
