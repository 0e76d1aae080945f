/**
 * How a new decision changes the entries that stand.
 *
 * - What is left ticked replaces the asked scopes of a resource and keeps its other scopes.
 * - A resource that was shown and is not picked any more loses the asked scopes.
 * - A resource that was not shown keeps what it has.
 *
 * A stored entry only ever shrinks, in place and under its own version; what is added stands in a
 * new entry of the new version, so no token that is out widens. A branch that was picked again
 * after it became of the other kind gets an entry for the new kind beside the old one.
 *
 * Everything takes time by the number of entries and picks, not by their product.
 *
 * @module
 */

import {
  emptySet,
  intersect,
  isEmpty,
  type ScopeSet,
  union,
  without,
} from '../catalogue/scope-set.ts';
import type {
  EntryPlace,
  NewEntry,
  ResourceKey,
  ShrunkEntry,
  StoredEntry,
} from '../storage/consents/consent-entries.ts';

/** A resource that the user picked, checked against the live roles. */
export interface CheckedPick {
  readonly resource: EntryPlace;
  /** Of a branch: its kind now. */
  readonly production: boolean | undefined;
  readonly ticked: ScopeSet;
  /** What the user could consent to there now. */
  readonly grantable: ScopeSet;
}

/** What the user decided. */
export interface Decision {
  readonly asked: ScopeSet;
  readonly picks: readonly CheckedPick[];
  /** The resources that the page showed, picked or not. */
  readonly shown: readonly ResourceKey[];
  /** The version that the consent has with this decision. */
  readonly version: number;
}

/** What is to be stored. */
export interface EntryChanges {
  readonly removed: readonly string[];
  readonly shrunk: readonly ShrunkEntry[];
  readonly added: readonly NewEntry[];
}

/** @returns the changes that turn what stands into what was decided. Pure. */
export function mergeEntries(standing: readonly StoredEntry[], decision: Decision): EntryChanges {
  const { asked, picks, version } = decision;
  const ticked = new Map(picks.map((pick) => [keyOf(pick.resource), pick.ticked]));
  const shown = new Set(decision.shown.map(keyOf));

  const kept = standing.map((entry) => {
    const left = ticked.get(keyOf(entry.resource));
    const isDecided = left !== undefined || shown.has(keyOf(entry.resource));
    const lost = isDecided ? without(asked, left ?? emptySet) : emptySet;
    return { before: entry, entry: { ...entry, scopes: without(entry.scopes, lost) } };
  });

  return {
    removed: kept.filter(({ entry }) => isEmpty(entry.scopes)).map(({ entry }) => entry.id),
    shrunk: kept
      .filter(({ before, entry }) => !isEmpty(entry.scopes) && entry.scopes !== before.scopes)
      .map(({ entry: { id, scopes } }) => ({ id, scopes })),
    added: newEntries(
      picks,
      kept.map(({ entry }) => entry),
      version,
    ),
  };
}

/** @returns the entries as they are after the changes, the new ones last. */
export function afterChanges(
  standing: readonly StoredEntry[],
  { removed, shrunk, added }: EntryChanges,
): NewEntry[] {
  const scopesOf = new Map(shrunk.map(({ id, scopes }) => [id, scopes]));
  const isRemoved = new Set(removed);
  const kept = standing
    .filter(({ id }) => !isRemoved.has(id))
    .map((entry) => ({ ...entry, scopes: scopesOf.get(entry.id) ?? entry.scopes }));
  return [...kept, ...added];
}

/** A name for a resource that no other resource has. */
export function keyOf({ level, id }: ResourceKey): string {
  return `${level} ${id}`;
}

/** What each pick adds to what stands on its resource, for the kind that it has now. */
function newEntries(
  picks: readonly CheckedPick[],
  kept: readonly StoredEntry[],
  version: number,
): NewEntry[] {
  const have = new Map<string, ScopeSet>();
  for (const { resource, production, scopes } of kept) {
    const key = `${keyOf(resource)} ${production}`;
    have.set(key, union(have.get(key) ?? emptySet, scopes));
  }
  return picks
    .map(({ resource, production, ticked, grantable }) => {
      const stands = have.get(`${keyOf(resource)} ${production}`) ?? emptySet;
      const scopes = without(intersect(ticked, grantable), stands);
      return { level: resource.level, resource, production, scopes, version };
    })
    .filter(({ scopes }) => !isEmpty(scopes));
}
