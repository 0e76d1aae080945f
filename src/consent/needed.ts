/**
 * Whether a request needs the consent page, or what the user decided before answers it.
 *
 * @module
 */

import { intersect, isEmpty, type ScopeSet, without } from '../catalogue/scope-set.ts';
import { isAskedIn, parseAskedScope } from './asked-scope.ts';
import type { ConsentedScope } from './consented-scope.ts';

/** What decides. */
export interface NeededFacts {
  /** The request's scope, expanded and canonical; it may hold OpenID's names. */
  readonly asked: string;
  /** What the user consented to for this application before. */
  readonly consented: ConsentedScope | undefined;
  /**
   * Whether the client proves who it is. A public client could be anyone who knows its name, so
   * its user is asked every time (RFC 6749 section 10.2, RFC 8252 section 8.6).
   */
  readonly clientIsPublic: boolean;
  /** The asked scopes that cannot be left out (required.ts). */
  readonly required: ScopeSet;
}

/**
 * @returns true unless the user has decided about every asked scope and, where scopes of the
 *   catalogue are asked, at least one of them is allowed on some resource. True also where an asked scope
 *   that was allowed is allowed nowhere any more, since its resource or the membership is gone, where one
 *   rests somewhere because of its age, and where a required one was left out before it was required.
 */
export function isPageNeeded({ asked, consented, clientIsPublic, required }: NeededFacts): boolean {
  if (clientIsPublic || consented === undefined || consented.version === 0) return true;
  const request = parseAskedScope(asked);
  if (!isAskedIn(request, consented.asked)) return true;
  const lost = without(intersect(request.scopes, consented.given), consented.scopes);
  if (!isEmpty(lost)) return true;
  if (!isEmpty(intersect(request.scopes, consented.resting))) return true;
  if (!isEmpty(without(required, consented.scopes))) return true;
  const isNothingAllowed = isEmpty(intersect(request.scopes, consented.scopes));
  return isNothingAllowed && !isEmpty(request.scopes);
}
