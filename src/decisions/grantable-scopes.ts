/**
 * What a user can consent to on a resource: what the user's own role gives there now, on at least
 * one kind of branch that is included and, of an organization, on at least one database.
 *
 * @module
 */

import type { Level } from '../catalogue/scope-rule.ts';
import { intersect, names, type ScopeSet, scopesAtLevel } from '../catalogue/scope-set.ts';
import { type ScopeName, scopeOf } from '../catalogue/scopes.ts';
import { type DatabaseRoles, type Membership, noDatabaseRoles } from '../members/permissions.ts';
import { explainTarget, type TargetRefusal } from './explain.ts';
import type { PolicyCeiling } from './policy.ts';
import { branchKind, type TargetKind } from './target-kinds.ts';

/** The resource that the user may pick, with the user's roles on the databases concerned. */
export type Candidate =
  | { readonly type: 'user' }
  /** The distinct roles that the user has on the organization's databases; empty without any. */
  | { readonly type: 'organization'; readonly databases: readonly DatabaseRoles[] }
  | { readonly type: 'database'; readonly databaseRoles: DatabaseRoles }
  | {
      readonly type: 'branch';
      readonly databaseRoles: DatabaseRoles;
      /** Its kind now, which the entry will remember. */
      readonly production: boolean;
    };

/** Who may consent, for which resource. */
export interface ConsentFacts {
  readonly candidate: Candidate;
  readonly membership: Membership | undefined;
  /** What the policy leaves to a new grant; `noCeiling` where the policy is not to be asked. */
  readonly policy: PolicyCeiling;
  /** False leaves out the production branches of an organization or a database; default true. */
  readonly includesProduction?: boolean;
}

/** Why a scope cannot be consented; `no_database`: the organization has nothing it could act on. */
export type ConsentRefusal =
  | TargetRefusal
  | { readonly reason: 'no_database' }
  /** The user could give it on production branches alone, and they are not included. */
  | { readonly reason: 'production_excluded'; readonly by: 'consent' };

/** Whether one scope can be consented on the candidate. */
export type Grantability =
  | { readonly scope: ScopeName; readonly grantable: true }
  | { readonly scope: ScopeName; readonly grantable: false; readonly refusal: ConsentRefusal };

/** @returns one answer for each asked scope of the candidate's level, in catalogue order. */
export function grantableScopes(asked: ScopeSet, facts: ConsentFacts): Grantability[] {
  return names(intersect(asked, scopesAtLevel[facts.candidate.type])).map((scope) => {
    const refusal = explainGrant(scope, facts);
    return refusal === undefined
      ? { scope, grantable: true }
      : { scope, grantable: false, refusal };
  });
}

function explainGrant(
  name: ScopeName,
  { candidate, membership, policy, includesProduction = true }: ConsentFacts,
): ConsentRefusal | undefined {
  const answers = kindsIn(candidate, scopeOf(name).actsOn).map(({ kind, databaseRoles }) => ({
    kind,
    refusal: explainTarget(name, kind, { membership, databaseRoles, policy }),
  }));
  const open = answers.filter(({ refusal }) => refusal === undefined);
  if (open.length === 0) {
    return nearestRefusal(answers.flatMap(({ refusal }) => refusal ?? [])) ?? noDatabase;
  }
  if (includesProduction || candidate.type === 'branch') return undefined;
  const isProductionOnly = open.every(({ kind }) => kind === 'production');
  return isProductionOnly ? { reason: 'production_excluded', by: 'consent' } : undefined;
}

const noDatabase: ConsentRefusal = { reason: 'no_database' };

interface CandidateKind {
  readonly kind: TargetKind;
  readonly databaseRoles: DatabaseRoles;
}

/**
 * The kinds of resource in a candidate on which a scope could act, each with the user's roles there. A branch
 * has its own kind; below a database both count, for a branch of either may come.
 */
export function kindsIn(candidate: Candidate, actsOn: Level): CandidateKind[] {
  if (actsOn === 'user' || actsOn === 'organization') {
    return [{ kind: actsOn, databaseRoles: noDatabaseRoles }];
  }
  const kinds: TargetKind[] =
    actsOn === 'database'
      ? ['database']
      : candidate.type === 'branch'
        ? [branchKind(candidate.production)]
        : ['development', 'production'];
  return databasesOf(candidate).flatMap((databaseRoles) =>
    kinds.map((kind) => ({ kind, databaseRoles })),
  );
}

function databasesOf(candidate: Candidate): readonly DatabaseRoles[] {
  if (candidate.type === 'user') return [];
  return candidate.type === 'organization' ? candidate.databases : [candidate.databaseRoles];
}

/** The refusal to report, of several: the one that takes least to mend. */
const nearness: readonly TargetRefusal['reason'][] = [
  'not_a_member',
  'organization_policy',
  'role_insufficient',
  'production_excluded',
  'development_excluded',
  'acts_elsewhere',
];

/** @returns the refusal to report, of several. */
export function nearestRefusal(refusals: readonly TargetRefusal[]): TargetRefusal | undefined {
  return refusals.toSorted(byNearness)[0];
}

function byNearness(one: TargetRefusal, other: TargetRefusal): number {
  const step = nearness.indexOf(one.reason) - nearness.indexOf(other.reason);
  return step === 0 ? missingIn(one) - missingIn(other) : step;
}

function missingIn(refusal: TargetRefusal): number {
  return refusal.reason === 'role_insufficient' ? refusal.missing.length : 0;
}
