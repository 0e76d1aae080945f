/**
 * What a route can require of a token: scopes, or a permission of Usher's.
 *
 * A resource that the token does not reach looks like one that is not there.
 *
 * @module
 */

import { type GuardOptions, type Requirement, refused, type Verdict } from './guard.ts';
import { insufficientScope, invalidToken, notFound } from './refusals.ts';
import { missingScopes, type ScopeRequirement } from './requirement.ts';
import type { AnsweredResource, LiveToken } from './token-answer.ts';
import { noAction, type Usher } from './usher.ts';

/** How a route is guarded by scopes. */
export interface ScopeOptions<Route> extends GuardOptions<Route> {
  /** For lists and creation: the scopes have to hold on something under the resource. */
  readonly below?: boolean;
}

type Wanted = Pick<ScopeOptions<never>, 'type' | 'below' | 'hide'>;

/** Requires scopes that hold on the resource now, or on something under it. */
export function scopeCheck(requirement: ScopeRequirement, options: Wanted): Requirement {
  const check: Requirement['check'] = (token, _presented, protection) => {
    const resource = reachedResource(token, options);
    if (isHidden(token, resource, options)) return refused(notFound());
    const held = options.below ? (token.below ?? []) : (token.scope ?? '').split(' ');
    const missing = missingScopes(requirement, resource === undefined ? [] : held);
    if (resource !== undefined && missing.length === 0) return granted(token, resource);
    return refused(insufficientScope(protection, token.token_type, { scopes: missing }));
  };
  return { action: requirement.scopes.join(' '), check };
}

/** Requires a decision of Usher's, about the resource that the answer named by its id. */
export function permissionCheck(
  { decide }: Usher,
  permission: string,
  options: Wanted,
): Requirement {
  const check: Requirement['check'] = async (token, presented, protection) => {
    const scheme = token.token_type;
    const resource = reachedResource(token, options);
    if (isHidden(token, resource, options)) return refused(notFound());
    if (resource === undefined) return refused(insufficientScope(protection, scheme));
    const decision = await decide(presented, permission, resource);
    if (decision.permitted) return granted(token, resource);
    const { reason, scope } = decision;
    if (reason === 'token_inactive' || reason === 'application_suspended') {
      return refused(invalidToken(protection, scheme));
    }
    const scopes = scope === undefined ? [] : [scope];
    return refused(insufficientScope(protection, scheme, { scopes, reason }));
  };
  return { action: noAction, check };
}

function granted(token: LiveToken, resource: AnsweredResource): Verdict {
  return { ok: true, token: { ...token, resource } };
}

function reachedResource({ resource }: LiveToken, { type }: Wanted): AnsweredResource | undefined {
  return type === undefined || resource?.type === type ? resource : undefined;
}

/** Where nothing holds any more on the resource and under it, not even that it exists is said. */
function isHidden(
  { scope, below = [] }: LiveToken,
  resource: AnsweredResource | undefined,
  { hide }: Wanted,
): boolean {
  const isPowerless = scope === undefined && below.length === 0;
  return hide === true && (resource === undefined || isPowerless);
}
