/**
 * Where a scope that can be consented does not reach with the user's roles and the policy of now: a
 * consent covers all of a resource, and what it gives there never goes beyond the user.
 *
 * @module
 */

import { type ScopeName, scopeOf } from '../catalogue/scopes.ts';
import { explainTarget, type TargetRefusal } from './explain.ts';
import { type ConsentFacts, kindsIn, nearestRefusal } from './grantable-scopes.ts';
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
  const answers = kindsIn(candidate, scope.actsOn)
    .filter(({ kind }) => requirement(scope, kind) !== null)
    .map(({ kind, databaseRoles }) => ({
      kind,
      refusal: explainTarget(name, kind, { membership, databaseRoles, policy }),
    }));
  const at = (kind: TargetKind) => answers.filter((answer) => answer.kind === kind);
  const whole = branchKinds.flatMap((where) => withheldKind(where, at(where)));
  const kinds = [...new Set(answers.map(({ kind }) => kind))];
  const isMixed = kinds.some((kind) => isPartlyRefused(at(kind)));
  return isMixed ? [...whole, { where: 'some_databases' }] : whole;
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
