/**
 * What a user can consent to on a resource: what the user's own role gives there now, on at least
 * one kind of branch and, of an organization, on at least one database.
 *
 * @module
 */

import type { Level } from '../catalogue/scope-rule.ts';
import { intersect, names, type ScopeSet, scopesAtLevel } from '../catalogue/scope-set.ts';
import { type ScopeName, scopeOf } from '../catalogue/scopes.ts';
import { type DatabaseRoles, type Membership, noDatabaseRoles } from '../members/permissions.ts';
import { explainPlace, type PlaceRefusal } from './explain.ts';
import { branchKind, type Place } from './places.ts';
import type { PolicyCeiling } from './policy.ts';

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
}

/** Why a scope cannot be consented; `no_database`: the organization has nothing it could act on. */
export type ConsentRefusal = PlaceRefusal | { readonly reason: 'no_database' };

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
  { candidate, membership, policy }: ConsentFacts,
): ConsentRefusal | undefined {
  const refusals = placesIn(candidate, scopeOf(name).actsOn).map(({ place, databaseRoles }) =>
    explainPlace(name, place, { membership, databaseRoles, policy }),
  );
  if (refusals.includes(undefined)) return undefined;
  return nearestRefusal(refusals.filter((refusal) => refusal !== undefined)) ?? noDatabase;
}

const noDatabase: ConsentRefusal = { reason: 'no_database' };

interface CandidatePlace {
  readonly place: Place;
  readonly databaseRoles: DatabaseRoles;
}

/**
 * The places in a candidate where a scope could act, each with the user's roles there. A branch has
 * its own kind; below a database both count, for a branch of either may come.
 */
export function placesIn(candidate: Candidate, actsOn: Level): CandidatePlace[] {
  if (actsOn === 'user' || actsOn === 'organization') {
    return [{ place: actsOn, databaseRoles: noDatabaseRoles }];
  }
  const places: Place[] =
    actsOn === 'database'
      ? ['database']
      : candidate.type === 'branch'
        ? [branchKind(candidate.production)]
        : ['development', 'production'];
  return databasesOf(candidate).flatMap((databaseRoles) =>
    places.map((place) => ({ place, databaseRoles })),
  );
}

function databasesOf(candidate: Candidate): readonly DatabaseRoles[] {
  if (candidate.type === 'user') return [];
  return candidate.type === 'organization' ? candidate.databases : [candidate.databaseRoles];
}

/** The refusal that is told, of several: the one that takes least to mend. */
const nearness: readonly PlaceRefusal['reason'][] = [
  'not_a_member',
  'organization_policy',
  'role_insufficient',
  'production_excluded',
  'development_excluded',
  'acts_elsewhere',
];

/** @returns the refusal to tell, of several. */
export function nearestRefusal(refusals: readonly PlaceRefusal[]): PlaceRefusal | undefined {
  return refusals.toSorted(byNearness)[0];
}

function byNearness(one: PlaceRefusal, other: PlaceRefusal): number {
  const step = nearness.indexOf(one.reason) - nearness.indexOf(other.reason);
  return step === 0 ? missingIn(one) - missingIn(other) : step;
}

function missingIn(refusal: PlaceRefusal): number {
  return refusal.reason === 'role_insufficient' ? refusal.missing.length : 0;
}
