/**
 * How a consent page is filled in before anybody has chosen: with what stands. Without anything that
 * stands nothing is ticked but reading the user's own profile.
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
import type { SeenResource } from '../storage/tree/resource-lookup.ts';
import type { AskedScope } from './asked-scope.ts';
import type { Choice, ChosenResource } from './choice.ts';
import { type Pickable, placeOfPickable } from './grantability.ts';
import type { OfferedResource } from './resource-offers.ts';

/** What is asked, and whether what stands is only to be widened. */
interface Asked {
  readonly asked: AskedScope;
  readonly isDifference: boolean;
}

/** Reading one's own account. */
const profile: ScopeSet = scopeSet(scopesOfRoute('readUser'));

/**
 * @param standing the resources where something stands.
 * @param account undefined when nothing of its level is asked.
 */
export function firstChoice(
  { asked, isDifference }: Asked,
  standing: readonly OfferedResource[],
  account: OfferedResource<Pickable> | undefined,
): Choice {
  const isNew = standing.length === 0 && account?.stands !== true;
  const ofAccount = isNew || isDifference ? intersect(profile, asked.scopes) : account?.awake;
  const common = isDifference ? emptySet : sumOf(standing);
  const scopes = union(ofAccount ?? emptySet, common);
  const resources = [...standing, ...(account?.stands === true ? [account] : [])];
  return {
    scopes,
    picks: standing
      .filter(({ awake }) => isDifference || !isEmpty(awake))
      .map((one) => toPick(one, isDifference ? undefined : common)),
    shown: isDifference ? [] : resources.map(({ resource }) => keyOfPlace(resource)),
  };
}

function sumOf(standing: readonly OfferedResource[]): ScopeSet {
  return standing.reduce<ScopeSet>((sum, { awake }) => union(sum, awake), emptySet);
}

/** What stands there may be less than what stands elsewhere: then it has scopes of its own. */
function toPick(one: OfferedResource<SeenResource>, common: ScopeSet | undefined): ChosenResource {
  const { resource, awake, offered, includesProduction } = one;
  const key = keyOfPlace(resource);
  const followed = intersect(intersect(common ?? emptySet, scopesAtLevel[key.level]), offered);
  return {
    ...key,
    own: common === undefined || followed === awake ? undefined : awake,
    offered,
    seenProduction: resource.level === 'branch' ? resource.branch.production : undefined,
    includesProduction,
  };
}

function keyOfPlace(resource: Pickable) {
  const { level, id } = placeOfPickable(resource);
  return { level, id };
}
