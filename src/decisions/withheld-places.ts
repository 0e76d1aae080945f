/**
 * Where a scope that can be consented does not reach as the user's roles and the policy stand: a
 * consent covers all of a resource, and what it gives there never goes beyond the user.
 *
 * @module
 */

import { type ScopeName, scopeOf } from '../catalogue/scopes.ts';
import { explainPlace, type PlaceRefusal } from './explain.ts';
import { type ConsentFacts, nearestRefusal, placesIn } from './grantable-scopes.ts';
import { type BranchKind, branchKinds, type Place, requirement } from './places.ts';

/** A part of the candidate that the scope does not reach now, though its rule would let it. */
export type Withheld =
  | { readonly where: BranchKind; readonly refusal: PlaceRefusal }
  /** It holds on some of the organization's databases and not on others. */
  | { readonly where: 'some_databases' };

/** @returns the parts, kinds of branch first; empty when the scope reaches all that its rule names. */
export function withheldPlaces(name: ScopeName, facts: ConsentFacts): Withheld[] {
  const { candidate, membership, policy } = facts;
  const scope = scopeOf(name);
  const answers = placesIn(candidate, scope.actsOn)
    .filter(({ place }) => requirement(scope, place) !== null)
    .map(({ place, databaseRoles }) => ({
      place,
      refusal: explainPlace(name, place, { membership, databaseRoles, policy }),
    }));
  const at = (place: Place) => answers.filter((answer) => answer.place === place);
  const kinds = branchKinds.flatMap((where) => withheldKind(where, at(where)));
  const places = [...new Set(answers.map(({ place }) => place))];
  const isMixed = places.some((place) => isPartlyRefused(at(place)));
  return isMixed ? [...kinds, { where: 'some_databases' }] : kinds;
}

type Answer = { readonly refusal: PlaceRefusal | undefined };

function withheldKind(where: BranchKind, answers: readonly Answer[]): Withheld[] {
  const refusals = answers.flatMap(({ refusal }) => refusal ?? []);
  const refusal = refusals.length === answers.length ? nearestRefusal(refusals) : undefined;
  return refusal === undefined ? [] : [{ where, refusal }];
}

function isPartlyRefused(answers: readonly Answer[]): boolean {
  const refused = answers.filter(({ refusal }) => refusal !== undefined).length;
  return refused > 0 && refused < answers.length;
}
