/**
 * What a consent page offers on one resource: each asked scope of its level, and whether the user can
 * give it there. Resources on which the user has the same roles get the same answer, made once a page.
 *
 * @module
 */

import {
  emptySet,
  has,
  intersect,
  isEmpty,
  type ScopeSet,
  union,
  without,
} from '../catalogue/scope-set.ts';
import { type Scope, type ScopeName, scopeOf } from '../catalogue/scopes.ts';
import { restingScopes } from '../decisions/consented-scopes.ts';
import type { ConsentRefusal } from '../decisions/grantable-scopes.ts';
import { branchKind } from '../decisions/target-kinds.ts';
import type { Withheld } from '../decisions/withheld.ts';
import type { StoredEntry } from '../storage/consents/consent-entries.ts';
import type { SeenResource } from '../storage/tree/resource-lookup.ts';
import type { PickableKind } from '../storage/tree/resource-search.ts';
import {
  entryResourceOf,
  type GrantabilityFacts,
  grantabilityOn,
  grantableAmong,
  type Pickable,
  withheldOn,
} from './grantability.ts';
import { keyOf } from './merge-entries.ts';

/** One asked scope on one resource. */
export interface ScopeOffer {
  readonly scope: Scope;
  /** Why it is of no effect there now; undefined where the user can give it. */
  readonly refusal: ConsentRefusal | undefined;
  /**
   * - `open`: the user can give it.
   * - `kept`: it was allowed before and rests, as its refusal says; it can stay or be removed.
   * - `closed`: the user cannot give it.
   */
  readonly state: 'open' | 'kept' | 'closed';
  /** Where an open scope does not reach as the user's role and the policy are now. */
  readonly withheld: readonly Withheld[];
  /** The user can give it on production branches alone: of effect only where they are included. */
  readonly needsProduction: boolean;
  /** Agreed to when the branch was of the other kind, and resting since. */
  readonly isOfOtherKind: boolean;
  /** Agreed to longer ago than the organization lets it count, and resting since. */
  readonly isTooOld: boolean;
}

/** A resource, with what is offered on it. */
export interface OfferedResource<Resource extends Pickable = SeenResource> {
  readonly resource: Resource;
  readonly scopes: readonly ScopeOffer[];
  /** What can be given or kept there. */
  readonly offered: ScopeSet;
  /** The asked scopes that are allowed there and do not rest. */
  readonly awake: ScopeSet;
  /** Whether an asked scope is allowed there already. */
  readonly isAllowed: boolean;
  /** Whether production branches are included in what is allowed. */
  readonly includesProduction: boolean;
}

/** What decides. */
export interface OfferFacts {
  readonly asked: ScopeSet;
  /** Entries by the key of their resource. */
  readonly stored: ReadonlyMap<string, readonly StoredEntry[]>;
  readonly grantability: GrantabilityFacts;
}

/** Makes the offers of one page. */
export type Offers = <Resource extends Pickable>(resource: Resource) => OfferedResource<Resource>;

/** @returns what to ask about each resource of a page. */
export function createOffers(facts: OfferFacts): Offers {
  const answers = new Map<string, Answers>();
  const answersOn = (resource: Pickable) => {
    const key = sortOf(resource);
    const known = answers.get(key) ?? answerFor(resource, facts);
    answers.set(key, known);
    return known;
  };
  return (resource) => {
    const { given, offers } = answersOn(resource);
    const stored = storedScopesOn(resource, facts);
    const { all, awake, includesProduction } = stored;
    const scopes = isEmpty(all) ? offers : offers.map((offer) => withStored(offer, stored));
    return {
      resource,
      scopes,
      offered: union(given, all),
      awake,
      isAllowed: !isEmpty(all),
      includesProduction,
    };
  };
}

/** What is the same on all resources of a sort. */
interface Answers {
  readonly given: ScopeSet;
  readonly offers: readonly ScopeOffer[];
}

function answerFor(resource: Pickable, { asked, grantability }: OfferFacts): Answers {
  const answers = grantabilityOn(asked, resource, grantability);
  const reach = { ...grantability, includesProduction: false };
  const beside = grantableAmong(grantabilityOn(asked, resource, reach));
  const offers = answers.map((answer): ScopeOffer => {
    const { scope, grantable } = answer;
    return {
      scope: scopeOf(scope),
      refusal: answer.grantable ? undefined : answer.refusal,
      state: grantable ? 'open' : 'closed',
      withheld: grantable ? withheldOn(scope, resource, grantability) : [],
      needsProduction: grantable && !has(beside, scope),
      isOfOtherKind: false,
      isTooOld: false,
    };
  });
  return { given: grantableAmong(answers), offers };
}

/** Two resources of one sort have the same answers. */
function sortOf(resource: Pickable): string {
  if (resource.level === 'user') return 'user';
  const { organization, level } = resource;
  if (level === 'organization') return `${level} ${organization.id}`;
  const { direct, team } = resource.database.roles;
  const kind = level === 'branch' ? branchKind(resource.branch.production) : level;
  return `${kind} ${organization.id} ${team} ${direct}`;
}

/** The kind of a resource, as a search knows it. */
export function kindOfPickable(resource: SeenResource): PickableKind {
  return resource.level === 'branch' ? branchKind(resource.branch.production) : resource.level;
}

function withStored(offer: ScopeOffer, { all, awake, old }: StoredScopes): ScopeOffer {
  const { scope } = offer.scope;
  if (!has(all, scope)) return offer;
  const state = offer.state === 'closed' ? 'kept' : offer.state;
  const isResting = !has(awake, scope);
  const isTooOld = isResting && has(old, scope);
  return { ...offer, state, isOfOtherKind: isResting && !isTooOld, isTooOld };
}

/** The asked scopes that are stored for a resource. */
interface StoredScopes {
  readonly all: ScopeSet;
  /** Without those that rest. */
  readonly awake: ScopeSet;
  /** Those of entries that rest because of their age. */
  readonly old: ScopeSet;
}

function storedScopesOn(resource: Pickable, { asked, stored }: OfferFacts) {
  const kind = resource.level === 'branch' ? branchKind(resource.branch.production) : 'database';
  const entries = stored.get(keyOf(entryResourceOf(resource))) ?? [];
  const sum = (of: (entry: StoredEntry) => ScopeSet) =>
    intersect(asked, entries.map(of).reduce<ScopeSet>(union, emptySet));
  return {
    all: sum(({ scopes }) => scopes),
    old: sum(({ scopes, rests }) => (rests === true ? scopes : emptySet)),
    awake: sum((entry) =>
      entry.rests === true ? emptySet : without(entry.scopes, restingScopes(entry, kind)),
    ),
    includesProduction: entries.some((entry) => entry.includesProduction),
  };
}

/** @returns why none of the resources gets a scope, and the first of them; undefined where one does. */
export function refusedEverywhere(
  scope: ScopeName,
  resources: readonly OfferedResource[],
): { readonly refusal: ConsentRefusal; readonly resource: SeenResource } | undefined {
  const concerned = resources.flatMap(({ resource, scopes }) => {
    const offer = scopes.find((one) => one.scope.scope === scope);
    return offer === undefined ? [] : [{ resource, refusal: offer.refusal }];
  });
  const refused = concerned.flatMap(({ resource, refusal }) =>
    refusal === undefined ? [] : [{ resource, refusal }],
  );
  return refused.length === concerned.length ? refused[0] : undefined;
}

/** Whether anything can be given, or kept, on a resource. */
export function isOpen({ offered }: OfferedResource): boolean {
  return !isEmpty(offered);
}
