/**
 * What an application needs of a consent: its required scopes, as far as this request asks them. All
 * others can be left out.
 *
 * @module
 */

import {
  intersect,
  names,
  parseScopeSet,
  type ScopeSet,
  scopeSet,
  without,
} from '../catalogue/scope-set.ts';
import { type ScopeName, scopeOf } from '../catalogue/scopes.ts';
import { requirableByAnyone } from '../clients/required-scope.ts';
import {
  type Candidate,
  type ConsentRefusal,
  grantableScopes,
} from '../decisions/grantable-scopes.ts';
import type { ApplicationSummary } from '../storage/clients/client-list.ts';
import type { MemberOrganization } from '../storage/tree/resources.ts';
import { ceilingOf, type GrantabilityFacts } from './grantability.ts';

/** @returns the asked scopes that must be given on at least one resource each. */
export function requiredScopes(
  { requiredScope, isUnvouched, isVerified }: ApplicationSummary,
  asked: ScopeSet,
): ScopeSet {
  const required = intersect(parseScopeSet(requiredScope), asked);
  return isUnvouched && !isVerified ? intersect(required, requirableByAnyone) : required;
}

/** @returns the required scopes that none of the given ones is; empty where all are given. */
export function missingRequired(required: ScopeSet, given: ScopeSet): readonly ScopeName[] {
  return names(without(required, given));
}

/** A required scope that the user can give nowhere now, and what is nearest to giving it. */
export interface OutOfReach {
  readonly scope: ScopeName;
  /** Undefined where the user is in no organization. */
  readonly refusal: ConsentRefusal | undefined;
  /** The organization that the refusal is about. */
  readonly organization: MemberOrganization | undefined;
}

/**
 * @param given what was allowed before: it may stay, whatever the roles are now.
 * @returns the required scopes that nothing but other roles, or another policy, would make possible:
 *   the page can only offer to cancel. Empty where it can go on.
 */
export function requiredOutOfReach(
  required: ScopeSet,
  given: ScopeSet,
  organizations: readonly MemberOrganization[],
  facts: GrantabilityFacts,
): OutOfReach[] {
  return names(without(required, given)).flatMap((scope) => {
    if (scopeOf(scope).level === 'user') return [];
    const answers = organizations.flatMap((organization) =>
      candidatesIn(scope, organization, facts).map((candidate) => ({
        organization,
        answer: grantableScopes(scopeSet([scope]), {
          candidate,
          membership: organization.membership,
          policy: ceilingOf(organization, facts),
        })[0],
      })),
    );
    if (answers.some(({ answer }) => answer?.grantable)) return [];
    const [nearest] = answers;
    const refusal = nearest?.answer?.grantable === false ? nearest.answer.refusal : undefined;
    return [{ scope, refusal, organization: nearest?.organization }];
  });
}

/** Resources of the scope's level, one for each set of roles that the user has in the organization. */
function candidatesIn(
  name: ScopeName,
  organization: MemberOrganization,
  { databaseRoles }: GrantabilityFacts,
): Candidate[] {
  const databases = databaseRoles.get(organization.id) ?? [];
  switch (scopeOf(name).level) {
    case 'organization':
      return [{ type: 'organization', databases }];
    case 'database':
      return databases.map((roles) => ({ type: 'database', databaseRoles: roles }));
    case 'branch':
      return databases.flatMap((roles): Candidate[] => [
        { type: 'branch', databaseRoles: roles, production: false },
        { type: 'branch', databaseRoles: roles, production: true },
      ]);
    case 'user':
      return [{ type: 'user' }];
  }
}

/** @returns the `error_description` of the `access_denied` that ends such a request (RFC 6749). */
export function outOfReachDescription(scopes: readonly OutOfReach[]): string {
  const list = scopes.map(({ scope }) => scope).join(' ');
  return `The role of the user gives no resource on which the required scope could be given: ${list}`;
}
