/**
 * What a consent comes to, in one sentence: what the application will be able to do, most dangerous
 * first, and what it will not. Pure: `sentence-text.ts` puts it into words.
 *
 *     each entry -> what holds now, on which kind of resource -> powers
 *     all entries -> what no role could give -> "will not"; what only roles withhold -> "not now"
 *
 * A promise is made only where nothing else in the consent could get around it: whoever may change a
 * whole database, or open data, is promised nothing about single branches.
 *
 * @module
 */

import {
  emptySet,
  intersect,
  isEmpty,
  names,
  type ScopeSet,
  union,
} from '../catalogue/scope-set.ts';
import { type Scope, scopeOf } from '../catalogue/scopes.ts';
import { noCeiling } from '../decisions/policy.ts';
import { type Effect, effectOf, effects, scopesOfEffect } from './effects.ts';
import {
  type ChosenEntry,
  couldEverHold,
  couldHold,
  couldHoldAnywhere,
  holding,
  holdsOnProduction,
  isAnyHeld,
  type ResourceName,
} from './holding.ts';

/** What the application will be able to do now, with one effect. */
export interface Power {
  readonly effect: Effect;
  /** Each resource once, in the order of the entries. */
  readonly resources: readonly PowerOn[];
}

/** A resource on which the power holds now. */
export interface PowerOn extends ResourceName {
  /** Whether it holds on production branches there, or on the branch, which is one. */
  readonly reachesProduction: boolean;
}

/** Something that the application will not be able to do. */
export interface Exclusion {
  /** `changes`: nothing but looking. */
  readonly what: 'production' | 'changes' | Exclude<Effect, 'see'>;
  /**
   * - `never`: the consent does not include it, whatever roles the user gets.
   * - `role`: the user's roles do not give it now.
   * - `policy`: the user's roles would, an organization's policy does not now.
   */
  readonly until: 'never' | 'role' | 'policy';
}

/** The sentence. */
export interface ConsentSentence {
  /** Most dangerous first; empty where nothing holds now. */
  readonly powers: readonly Power[];
  readonly exclusions: readonly Exclusion[];
}

/** @returns the sentence about all entries of a consent, or of what would become one. */
export function consentSentence(entries: readonly ChosenEntry[]): ConsentSentence {
  return { powers: powersOf(entries), exclusions: exclusionsOf(entries) };
}

function powersOf(entries: readonly ChosenEntry[]): Power[] {
  return effects
    .map((effect) => ({ effect, resources: resourcesWith(entries, effect) }))
    .filter(({ resources }) => resources.length > 0);
}

function resourcesWith(entries: readonly ChosenEntry[], effect: Effect): PowerOn[] {
  const found = new Map<string, PowerOn>();
  for (const chosen of entries) {
    const scopes = scopesOfEffect[effect];
    if (isEmpty(intersect(holding(chosen), scopes))) continue;
    const key = `${chosen.name.level} ${chosen.name.path}`;
    const before = found.get(key)?.reachesProduction === true;
    const reachesProduction = before || !isEmpty(intersect(holdsOnProduction(chosen), scopes));
    found.set(key, { ...chosen.name, reachesProduction });
  }
  return [...found.values()];
}

function exclusionsOf(entries: readonly ChosenEntry[]): Exclusion[] {
  const all = scopesIn(entries);
  // Scopes that act on production alone come to nothing where it is left out: that is still said.
  if (all.length === 0) return isAnyChosen(entries) ? production(entries, all) : [];
  const changing = all.filter((scope) => effectOf(scope) !== 'see');
  if (changing.length === 0) {
    return [{ what: 'changes', until: 'never' }, ...production(entries, all)];
  }
  const dangers = (['secrets', 'delete', 'people', 'change'] as const).flatMap((effect) =>
    ofEffect(entries, all, effect),
  );
  return [...production(entries, all), ...dangers];
}

function isAnyChosen(entries: readonly ChosenEntry[]): boolean {
  return entries.some(({ entry }) => !isEmpty(entry.scopes));
}

function production(entries: readonly ChosenEntry[], all: readonly Scope[]): Exclusion[] {
  const isAboutBranches = entries.some(({ name }) => name.level !== 'user');
  if (!isAboutBranches || all.some(isAboutWhole)) return [];
  const could = entries.some((chosen) => !isEmpty(couldHold(chosen, 'production')));
  if (!could) return [{ what: 'production', until: 'never' }];
  const now = entries.map(holdsOnProduction);
  if (now.some((scopes) => !isEmpty(scopes))) return [];
  const withoutPolicy = entries.map(underNoPolicy).map(holdsOnProduction);
  const until = withoutPolicy.every(isEmpty) ? 'role' : 'policy';
  return [{ what: 'production', until }];
}

function ofEffect(
  entries: readonly ChosenEntry[],
  all: readonly Scope[],
  effect: Exclude<Effect, 'see'>,
): Exclusion[] {
  const isUndermined = all.some((scope) => undermines(scope, effect));
  if (isUndermined) return [];
  const isIncluded = all.some((scope) => effectOf(scope) === effect);
  if (!isIncluded) return effect === 'delete' ? [{ what: effect, until: 'never' }] : [];
  const could = entries.map(couldHoldAnywhere).reduce(union, emptySet);
  if (isEmpty(intersect(could, scopesOfEffect[effect]))) return [];
  if (isAnyHeld(entries, scopesOfEffect[effect])) return [];
  const isByPolicy = isAnyHeld(entries.map(underNoPolicy), scopesOfEffect[effect]);
  return [{ what: effect, until: isByPolicy ? 'policy' : 'role' }];
}

/** Whether a scope changes or deletes a whole database or organization. */
function isAboutWhole(scope: Scope): boolean {
  const isWhole = scope.actsOn === 'database' || scope.actsOn === 'organization';
  return isWhole && effectOf(scope) !== 'see';
}

/** Whether what one scope allows could come to what another effect is promised not to. */
function undermines(scope: Scope, effect: Effect): boolean {
  const other = effectOf(scope);
  return other !== effect && (other === 'secrets' || other === 'people' || isAboutWhole(scope));
}

/** How old an entry may grow is a policy of the organization, too. */
function underNoPolicy(chosen: ChosenEntry): ChosenEntry {
  return { ...chosen, policy: noCeiling, entry: { ...chosen.entry, rests: false } };
}

function scopesIn(entries: readonly ChosenEntry[]): Scope[] {
  const all = entries.map(couldEverHold).reduce<ScopeSet>(union, emptySet);
  return names(all).map(scopeOf);
}
