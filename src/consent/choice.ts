/**
 * What a person chose on a consent page: scopes for all that is picked, resources, and for single
 * resources scopes of their own.
 *
 * A scope that is ticked counts on each picked resource of its level as far as the page offered it
 * there. So what a role gives since the page was shown is not given away unseen.
 *
 * @module
 */

import {
  allScopes,
  emptySet,
  intersect,
  isEmpty,
  type ScopeSet,
  scopesAtLevel,
} from '../catalogue/scope-set.ts';
import type { ResourceKey } from '../storage/consents/consent-entries.ts';
import type { Lifetime } from './lifetime.ts';
import type { PickedResource } from './picked-resource.ts';

/** A resource that is picked. */
export interface ChosenResource extends ResourceKey {
  /** The scopes for this resource alone; undefined where it follows the others. */
  readonly own: ScopeSet | undefined;
  /** What the page offered there; undefined where a form does not say. */
  readonly offered: ScopeSet | undefined;
  /** Of a branch: whether the page showed it as production. */
  readonly seenProduction: boolean | undefined;
  /** Of an organization or a database: whether its production branches are included. */
  readonly includesProduction: boolean;
}

/** What is chosen on a page. */
export interface Choice {
  /** The scopes that are ticked for all that is picked, and for the account. */
  readonly scopes: ScopeSet;
  readonly picks: readonly ChosenResource[];
  /** The resources with entries that the page showed: not picked means removed. */
  readonly shown: readonly ResourceKey[];
  /** For how long; undefined keeps the end that there is. */
  readonly lifetime?: Lifetime | undefined;
}

/** Nothing is chosen. */
export const emptyChoice: Choice = { scopes: emptySet, picks: [], shown: [] };

/** @returns the scopes that are chosen on a picked resource. */
export function chosenScopes(pick: ChosenResource, { scopes }: Choice, asked: ScopeSet): ScopeSet {
  if (pick.own !== undefined) return pick.own;
  const wished = intersect(intersect(scopes, scopesAtLevel[pick.level]), asked);
  return pick.offered === undefined ? wished : intersect(wished, pick.offered);
}

/** @returns the picks as they are recorded; the account is one when a scope of its level is ticked. */
export function picksOf(choice: Choice, asked: ScopeSet, accountId: string): PickedResource[] {
  const picks = choice.picks.map((pick) => ({
    level: pick.level,
    id: pick.id,
    scopes: chosenScopes(pick, choice, asked),
    seenProduction: pick.seenProduction,
    includesProduction: pick.includesProduction,
  }));
  const own = intersect(choice.scopes, scopesAtLevel.user);
  const isPicked = picks.some(({ level }) => level === 'user');
  if (isEmpty(own) || isPicked) return picks;
  const account = { level: 'user', id: accountId, scopes: own } as const;
  return [...picks, { ...account, seenProduction: undefined, includesProduction: true }];
}

/**
 * @returns the choice in which a resource has scopes of its own, first those that it has had so far;
 *   or, where it has, no longer.
 */
export function withOwn(choice: Choice, key: ResourceKey): Choice {
  const change = (pick: ChosenResource) =>
    pick.level === key.level && pick.id === key.id
      ? { ...pick, own: pick.own === undefined ? chosenScopes(pick, choice, allScopes) : undefined }
      : pick;
  return { ...choice, picks: choice.picks.map(change) };
}

/** @returns what was offered, as a form carries it. */
export function printOffered(offered: ScopeSet): string {
  return offered.toString(16);
}

/** @returns undefined for what `printOffered` did not write. */
export function parseOffered(text: string): ScopeSet | undefined {
  if (!/^[0-9a-f]{1,64}$/.test(text)) return undefined;
  return intersect(allScopes, BigInt(`0x${text}`) as ScopeSet);
}
