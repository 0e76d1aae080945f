/**
 * Why an evaluation is denied: a closed list of reasons, and the smallest thing that would change it.
 *
 * @module
 */

import type { ResourceKind } from '../catalogue/scope-rule.ts';
import type { ScopeName } from '../catalogue/scopes.ts';
import type { UseRefusal } from '../decisions/explain.ts';

/** A reason for programs. The list is closed: whoever switches on it knows all. */
type Reason =
  | 'token_inactive'
  | 'application_suspended'
  | 'not_in_grant'
  | 'scope_missing'
  | 'role_insufficient'
  | 'production_excluded'
  | 'organization_policy'
  | 'resource_unknown'
  /** To the platform's own resource servers: no account has that id. */
  | 'subject_unknown'
  /** The scope is never about this kind of resource. */
  | 'acts_elsewhere';

/** The smallest change that would permit. */
type Fix =
  /** The user consents to the scope on the resource (again). */
  | { readonly consent: ScopeName }
  /** The application registers, or asks for, the scope. */
  | { readonly request: ScopeName }
  /** Somebody gives the user one of these roles; the least is first. */
  | { readonly roles: readonly string[] }
  /** An Organization Administrator approves the application for it. */
  | { readonly approval: ScopeName }
  /** The resource server asks about a resource of this kind. */
  | { readonly resource: ResourceKind };

/** The `context` of a denial. */
export interface Denial {
  readonly reason: Reason;
  readonly fix?: Fix;
}

/** @returns the denial for a scope that a token lacks. */
export function denialOf(scope: ScopeName, refusal: UseRefusal): Denial {
  switch (refusal.reason) {
    case 'scope_missing':
      return { reason: 'scope_missing', fix: { request: scope } };
    case 'role_insufficient':
      return { reason: 'role_insufficient', fix: { roles: refusal.roles } };
    case 'not_a_member':
      return { reason: 'role_insufficient' };
    case 'organization_policy':
      return {
        reason: 'organization_policy',
        ...(refusal.isShutOut ? {} : { fix: { approval: scope } }),
      };
    case 'production_excluded':
      return { reason: 'production_excluded', ...productionFix(scope, refusal.by) };
    case 'not_in_grant':
    case 'consented_after_issue':
    case 'rests_until_consented_again':
      return { reason: 'not_in_grant', fix: { consent: scope } };
    case 'acts_elsewhere':
      return { reason: 'acts_elsewhere', fix: { resource: refusal.actsOn } };
    case 'development_excluded':
      return { reason: 'not_in_grant' };
  }
}

/** By the catalogue the scope leaves production alone, whoever allows it. */
function productionFix(
  scope: ScopeName,
  by: 'catalogue' | 'policy' | 'consent',
): Pick<Denial, 'fix'> {
  if (by === 'catalogue') return {};
  return { fix: by === 'policy' ? { approval: scope } : { consent: scope } };
}
