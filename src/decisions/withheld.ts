/**
 * Where a scope that can be consented does not reach as the user's roles and the policy stand: a
 * consent covers all of a resource, and what it gives there never goes beyond the user.
 *
 * @module
 */

import { type ScopeName, scopeOf } from '../catalogue/scopes.ts';
import { explainTarget, type TargetRefusal } from './explain.ts';
import { type ConsentFacts, nearestRefusal, placesIn } from './grantable-scopes.ts';
import { type BranchKind, branchKinds, requirement, type TargetKind } from './target-kinds.ts';

/** A part of the candidate that the scope does not reach now, though its rule would let it. */
export type Withheld =
  | { readonly where: BranchKind; readonly refusal: TargetRefusal }
  /** It holds on some of the organization's databases and not on others. */
  | { readonly where: 'some_databases' };

/** @returns the parts, kinds of branch first; empty when the scope reaches all that its rule names. */
export function withheldFrom(name: ScopeName, facts: ConsentFacts): Withheld[] {
  const { candidate, membership, policy } = facts;
  const scope = scopeOf(name);
  const answers = placesIn(candidate, scope.actsOn)
    .filter(({ place }) => requirement(scope, place) !== null)
    .map(({ place, databaseRoles }) => ({
      place,
      refusal: explainTarget(name, place, { membership, databaseRoles, policy }),
    }));
  const at = (place: TargetKind) => answers.filter((answer) => answer.place === place);
  const kinds = branchKinds.flatMap((where) => withheldKind(where, at(where)));
  const places = [...new Set(answers.map(({ place }) => place))];
  const isMixed = places.some((place) => isPartlyRefused(at(place)));
  return isMixed ? [...kinds, { where: 'some_databases' }] : kinds;
}

type Answer = { readonly refusal: TargetRefusal | undefined };

function withheldKind(where: BranchKind, answers: readonly Answer[]): Withheld[] {
  const refusals = answers.flatMap(({ refusal }) => refusal ?? []);
  const refusal = refusals.length === answers.length ? nearestRefusal(refusals) : undefined;
  return refusal === undefined ? [] : [{ where, refusal }];
}

function isPartlyRefused(answers: readonly Answer[]): boolean {
  const refused = answers.filter(({ refusal }) => refusal !== undefined).length;
  return refused > 0 && refused < answers.length;
}
