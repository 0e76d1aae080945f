/**
 * What the consent page offers on one resource: each asked scope of its level, whether the user can
 * give it there, and how its box stands.
 *
 * On the first view the boxes show what stands; once the form has been sent (a search, a refusal)
 * they are as the user left them.
 *
 * @module
 */

import {
  emptySet,
  has,
  intersect,
  isEmpty,
  type ScopeSet,
  scopesAtLevel,
  union,
  without,
} from '../catalogue/scope-set.ts';
import { type Scope, scopeOf } from '../catalogue/scopes.ts';
import { restingScopes } from '../decisions/consented-scopes.ts';
import type { ConsentRefusal } from '../decisions/grantable-scopes.ts';
import { branchKind } from '../decisions/places.ts';
import type { Withheld } from '../decisions/withheld-places.ts';
import type { ResourceKey, StoredEntry } from '../storage/consents/consent-entries.ts';
import {
  type GrantabilityFacts,
  grantabilityOn,
  grantableAmong,
  type Pickable,
  placeOfPickable,
  withheldOn,
} from './grantability.ts';
import type { Lifetime } from './lifetime.ts';
import { keyOf } from './merge-entries.ts';
import { hasProductionChoice, type PickedResource } from './picked-resource.ts';

/** One asked scope on one resource. */
export interface ScopeOffer {
  readonly scope: Scope;
  /** Why it is of no effect there now; undefined where the user can give it. */
  readonly refusal: ConsentRefusal | undefined;
  /**
   * - `open`: the user can give it.
   * - `kept`: it stands from before and rests, as its refusal says; it can stay or be taken back.
   * - `closed`: the user cannot give it.
   */
  readonly state: 'open' | 'kept' | 'closed';
  /** Where an open scope does not reach as the user's role and the policy stand. */
  readonly withheld: readonly Withheld[];
  readonly isTicked: boolean;
  /** The user can give it on production branches alone: of effect only where they are included. */
  readonly needsProduction: boolean;
  /** Agreed to when the branch was of the other kind, and resting since. */
  readonly isOfOtherKind: boolean;
}

/** One resource that can be picked, with the asked scopes of its level. */
export interface ResourceOffer extends ResourceKey {
  readonly scopes: readonly ScopeOffer[];
  readonly isPicked: boolean;
  /**
   * The box "include production branches" of a picked organization or database; false where it is
   * unticked, undefined where there is no such choice (a branch, the account).
   */
  readonly includesProduction: boolean | undefined;
  /** Whether an asked scope stands there: not picking it again takes it back. */
  readonly stands: boolean;
}

/** What the user had done with the page before it was drawn again. */
export interface Selection {
  readonly picks: readonly PickedResource[];
  readonly shown: readonly ResourceKey[];
  /** The end that was chosen; undefined where the form sent none. */
  readonly lifetime?: Lifetime | undefined;
}

/** The same, to look resources up in by their key. */
interface SelectionIndex {
  readonly picked: ReadonlyMap<string, PickedResource>;
  readonly shown: ReadonlySet<string>;
}

/** @returns what was picked and shown, by the key of the resource. */
export function indexOf({ picks, shown }: Selection): SelectionIndex {
  return {
    picked: new Map(picks.map((pick) => [keyOf(pick), pick])),
    shown: new Set(shown.map(keyOf)),
  };
}

/** What decides about boxes, beside what can be given. */
export interface OfferFacts {
  readonly asked: ScopeSet;
  /** What was asked, and so decided, in earlier requests. */
  readonly askedBefore: ScopeSet;
  /** Entries by the key of their resource. */
  readonly standing: ReadonlyMap<string, readonly StoredEntry[]>;
  /** Undefined on the first view. */
  readonly selection: SelectionIndex | undefined;
  readonly grantability: GrantabilityFacts;
}

/** @returns the offer; its `scopes` are empty when nothing of that level is asked. */
export function offerOn(resource: Pickable, facts: OfferFacts): ResourceOffer {
  const { level, id } = placeOfPickable(resource);
  const standing = standingOn(resource, facts);
  const { all, awake } = standing;
  const box = boxOf({ level, id }, standing, facts);
  const beside = besideProduction(resource, facts);
  const scopes = grantabilityOn(facts.asked, resource, facts.grantability).map((answer) => {
    const stands = has(all, answer.scope);
    const state = answer.grantable ? 'open' : stands ? 'kept' : 'closed';
    return {
      scope: scopeOf(answer.scope),
      refusal: answer.grantable ? undefined : answer.refusal,
      state,
      withheld: answer.grantable ? withheldOn(answer.scope, resource, facts.grantability) : [],
      isTicked: state !== 'closed' && has(box.ticked, answer.scope),
      needsProduction: answer.grantable && !has(beside, answer.scope),
      isOfOtherKind: stands && !has(awake, answer.scope),
    } as const;
  });
  const { isPicked, includesProduction } = box;
  return { level, id, scopes, isPicked, includesProduction, stands: !isEmpty(all) };
}

/** The asked scopes that the user can give on something else than production branches. */
function besideProduction(resource: Pickable, { asked, grantability }: OfferFacts): ScopeSet {
  const beside = { ...grantability, includesProduction: false };
  return grantableAmong(grantabilityOn(asked, resource, beside));
}

/** The asked scopes that stand on a resource; `awake` without those that rest on the other kind. */
function standingOn(resource: Pickable, { asked, standing }: OfferFacts) {
  const place = resource.level === 'branch' ? branchKind(resource.branch.production) : 'database';
  const entries = standing.get(keyOf(placeOfPickable(resource))) ?? [];
  const included = entries.filter(({ includesProduction }) => includesProduction);
  const sum = (of: (entry: StoredEntry) => ScopeSet) =>
    intersect(asked, entries.map(of).reduce<ScopeSet>(union, emptySet));
  return {
    all: sum(({ scopes }) => scopes),
    awake: sum((entry) => without(entry.scopes, restingScopes(entry, place))),
    includesProduction: included.some(({ scopes }) => !isEmpty(intersect(asked, scopes))),
  };
}

interface Box {
  readonly isPicked: boolean;
  readonly includesProduction: boolean | undefined;
  readonly ticked: ScopeSet;
}

function boxOf(
  key: ResourceKey,
  { awake, includesProduction: stood }: ReturnType<typeof standingOn>,
  facts: OfferFacts,
): Box {
  const { asked, askedBefore, selection } = facts;
  const name = keyOf(key);
  const pick = selection?.picked.get(name);
  const includesProduction = hasProductionChoice(key)
    ? (pick?.includesProduction ?? stood)
    : undefined;
  if (pick !== undefined) return { isPicked: true, includesProduction, ticked: pick.scopes };

  const stands = !isEmpty(awake);
  // What was refused on this very resource before comes unticked; what is new comes ticked.
  const fresh = without(asked, askedBefore);
  const ticked = stands ? union(awake, fresh) : asked;
  if (selection?.shown.has(name)) return { isPicked: false, includesProduction, ticked };
  const isPicked = stands || isOfferedPicked(key, fresh, selection);
  return { isPicked, includesProduction, ticked };
}

/** The user's own account needs no choice among many: it comes picked until it was decided about. */
function isOfferedPicked(
  { level }: ResourceKey,
  fresh: ScopeSet,
  selection: SelectionIndex | undefined,
): boolean {
  const isNew = !isEmpty(intersect(fresh, scopesAtLevel.user));
  return level === 'user' && selection === undefined && isNew;
}
