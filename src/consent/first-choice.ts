/**
 * How a consent page is filled in before anybody has chosen: with what is allowed already, and what is ticked for
 * the application's wish. Beside these nothing is ticked but reading the user's own profile.
 *
 * @module
 */

import { scopesOfRoute } from '../catalogue/rules.ts';
import {
  emptySet,
  intersect,
  isEmpty,
  type ScopeSet,
  scopeSet,
  scopesAtLevel,
  union,
} from '../catalogue/scope-set.ts';
import type { ResourceKey } from '../storage/consents/consent-entries.ts';
import type { AskedScope } from './asked-scope.ts';
import type { Choice, ChosenResource } from './choice.ts';
import { entryResourceOf, type Pickable } from './grantability.ts';
import { keyOf } from './merge-entries.ts';
import type { OfferedResource } from './resource-offers.ts';

/** What is asked, and whether what is allowed is only to be widened. */
interface Asked {
  readonly asked: AskedScope;
  readonly isDifference: boolean;
}

type Ticked = ReadonlyMap<string, ScopeSet>;

/** What is filled in where nothing that is asked is allowed yet. */
interface Preset {
  /** By `keyOf`; never with production. */
  readonly ticked: Ticked;
  /** What is picked whether or not a scope is ticked for it. */
  readonly picked: ResourceKey | undefined;
}

/** Reading one's own account. */
const profile: ScopeSet = scopeSet(scopesOfRoute('readUser'));

/**
 * @param offered the resources where something is allowed, and those that are ticked.
 * @param account undefined when nothing of its level is asked.
 */
export function firstChoice(
  { asked, isDifference }: Asked,
  offered: readonly OfferedResource[],
  account: OfferedResource<Pickable> | undefined,
  { ticked, picked }: Preset,
): Choice {
  const allowed = offered.filter(({ isAllowed }) => isAllowed);
  const isNew = allowed.length === 0 && account?.isAllowed !== true;
  const ofAccount = isNew || isDifference ? intersect(profile, asked.scopes) : account?.awake;
  const filled = offered.map((one) => ({ one, scopes: filledIn(one, ticked) }));
  const common = filled.reduce<ScopeSet>((sum, { scopes }) => union(sum, scopes), emptySet);
  const isPicked = ({ resource }: OfferedResource) =>
    picked !== undefined && keyOf(keyOfPickable(resource)) === keyOf(picked);
  const scopes = union(ofAccount ?? emptySet, common);
  const resources = [...allowed, ...(account?.isAllowed === true ? [account] : [])];
  return {
    scopes,
    picks: filled
      .filter(({ one, scopes }) => isDifference || !isEmpty(scopes) || isPicked(one))
      .map(({ one, scopes }) => toPick(one, scopes, common)),
    shown: isDifference ? [] : resources.map(({ resource }) => keyOfPickable(resource)),
  };
}

function filledIn({ resource, isAllowed, awake }: OfferedResource, ticked: Ticked): ScopeSet {
  return isAllowed ? awake : (ticked.get(keyOf(keyOfPickable(resource))) ?? emptySet);
}

/** What is filled in there may be less than elsewhere: then it has scopes of its own. */
function toPick(one: OfferedResource, scopes: ScopeSet, common: ScopeSet): ChosenResource {
  const { resource, offered, includesProduction } = one;
  const key = keyOfPickable(resource);
  const followed = intersect(intersect(common, scopesAtLevel[key.level]), offered);
  return {
    ...key,
    own: followed === scopes ? undefined : scopes,
    offered,
    seenProduction: resource.level === 'branch' ? resource.branch.production : undefined,
    includesProduction,
  };
}

function keyOfPickable(resource: Pickable) {
  const { level, id } = entryResourceOf(resource);
  return { level, id };
}
