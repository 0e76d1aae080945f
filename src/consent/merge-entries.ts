/**
 * How a new decision changes the stored entries.
 *
 * - What is left ticked replaces the asked scopes of a resource and keeps its other scopes.
 * - A resource that was shown and is not picked any more loses the asked scopes.
 * - A resource that was not shown keeps what it has.
 *
 * A stored entry only ever shrinks, under its own id and version; what is added goes into a
 * new entry of the new version, so no token that is out widens. Picked without production branches,
 * the asked scopes lose them at once; picked with them, what had none gets a new entry. A branch that was picked again
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
import { scopesBesideProduction } from '../decisions/target-kinds.ts';
import type {
  EntryResource,
  NewEntry,
  ResourceKey,
  ShrunkEntry,
  StoredEntry,
} from '../storage/consents/consent-entries.ts';

/** A resource that the user picked, checked against the live roles. */
export interface CheckedPick {
  readonly resource: EntryResource;
  /** Of a branch: its kind now. */
  readonly production: boolean | undefined;
  /** Whether production branches are included; true of a branch and of the account. */
  readonly includesProduction: boolean;
  readonly ticked: ScopeSet;
  /** What the user could consent to there now, with production branches or without. */
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
  /** The entries that were picked again with all that is left of them. */
  readonly renewed: readonly string[];
  readonly added: readonly NewEntry[];
}

/** @returns the changes that turn the stored entries into what was decided. Pure. */
export function mergeEntries(stored: readonly StoredEntry[], decision: Decision): EntryChanges {
  const { asked, picks, version } = decision;
  const picked = new Map(picks.map((pick) => [keyOf(pick.resource), pick]));
  const shown = new Set(decision.shown.map(keyOf));

  const kept = stored.map((entry) => {
    const pick = picked.get(keyOf(entry.resource));
    const isDecided = pick !== undefined || shown.has(keyOf(entry.resource));
    return {
      before: entry,
      ...renewedOf(leftOf(entry, isDecided ? asked : emptySet, pick), asked, pick),
    };
  });
  const added = kept.flatMap(({ apart }) => apart ?? []);

  return {
    removed: kept.filter(({ entry }) => isEmpty(entry.scopes)).map(({ entry }) => entry.id),
    shrunk: kept
      .filter(({ before, entry }) => !isEmpty(entry.scopes) && isNarrower(entry, before))
      .map(({ entry: { id, scopes, includesProduction } }) => ({ id, scopes, includesProduction })),
    renewed: kept.filter(({ isRenewed }) => isRenewed).map(({ entry }) => entry.id),
    added: [...added, ...newEntries(picks, [...kept.map(({ entry }) => entry), ...added], version)],
  };
}

/**
 * What is left of an entry when scopes of it are decided. Where some of them lose production and
 * others of the entry were not asked, the former go `apart`, under the version that they had.
 */
function leftOf(entry: StoredEntry, decided: ScopeSet, pick: CheckedPick | undefined): Left {
  const scopes = without(entry.scopes, without(decided, pick?.ticked ?? emptySet));
  if (!entry.includesProduction || pick?.includesProduction !== false) {
    return { entry: { ...entry, scopes } };
  }
  const others = without(scopes, decided);
  const narrowed = intersect(intersect(scopes, decided), scopesBesideProduction);
  if (isEmpty(others)) return { entry: { ...entry, scopes: narrowed, includesProduction: false } };
  const { id: _, ...unstored } = entry;
  return {
    entry: { ...entry, scopes: others },
    ...(!isEmpty(narrowed) && {
      apart: { ...unstored, scopes: narrowed, includesProduction: false, rests: false },
    }),
  };
}

/** What is left of an entry, and what of it goes apart. */
interface Left {
  readonly entry: StoredEntry;
  readonly apart?: NewEntry;
}

/**
 * What was picked again is young again: the entry where that is all that is left of it. Where other
 * scopes of an entry that rests were not asked, they go on resting, and what was picked again goes
 * `apart`, under the version that it had. A branch of the other kind by now was not picked for that.
 */
function renewedOf(left: Left, asked: ScopeSet, pick: CheckedPick | undefined) {
  const { entry, apart } = left;
  const isSame = pick !== undefined && pick.production === entry.production;
  const again = isSame ? intersect(entry.scopes, intersect(asked, pick.ticked)) : emptySet;
  const others = without(entry.scopes, again);
  if (isEmpty(again)) return { ...left, isRenewed: false };
  if (isEmpty(others)) return { ...left, entry: { ...entry, rests: false }, isRenewed: true };
  if (entry.rests !== true || apart !== undefined) return { ...left, isRenewed: false };
  const { id: _, ...unstored } = entry;
  return {
    entry: { ...entry, scopes: others },
    apart: { ...unstored, scopes: again, rests: false },
    isRenewed: false,
  };
}

/** @returns the entries as they are after the changes, the new ones last. */
export function afterChanges(
  stored: readonly StoredEntry[],
  { removed, shrunk, renewed, added }: EntryChanges,
): NewEntry[] {
  const left = new Map(shrunk.map((entry) => [entry.id, entry]));
  const isRemoved = new Set(removed);
  const isRenewed = new Set(renewed);
  const kept = stored
    .filter(({ id }) => !isRemoved.has(id))
    .map((entry) => ({
      ...entry,
      ...left.get(entry.id),
      rests: entry.rests === true && !isRenewed.has(entry.id),
    }));
  return [...kept, ...added];
}

function isNarrower(entry: StoredEntry, before: StoredEntry): boolean {
  return entry.scopes !== before.scopes || entry.includesProduction !== before.includesProduction;
}

/** A name for a resource that no other resource has. */
export function keyOf({ level, id }: ResourceKey): string {
  return `${level} ${id}`;
}

/** What each pick adds to what is stored on its resource, for the kind and the reach that it has now. */
function newEntries(
  picks: readonly CheckedPick[],
  kept: readonly NewEntry[],
  version: number,
): NewEntry[] {
  const have = new Map<string, ScopeSet>();
  for (const entry of kept) {
    const key = reachOf(entry);
    have.set(key, union(have.get(key) ?? emptySet, entry.scopes));
  }
  return picks
    .map((pick) => {
      const { resource, production, includesProduction, ticked, grantable } = pick;
      const scopes = without(intersect(ticked, grantable), have.get(reachOf(pick)) ?? emptySet);
      const { level } = resource;
      return { level, resource, production, includesProduction, scopes, version };
    })
    .filter(({ scopes }) => !isEmpty(scopes));
}

/** A name for a resource with the kind and the reach that was agreed to. */
function reachOf({
  resource,
  production,
  includesProduction,
}: Pick<CheckedPick, 'resource' | 'production' | 'includesProduction'>): string {
  return `${keyOf(resource)} ${production} ${includesProduction}`;
}
