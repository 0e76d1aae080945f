/**
 * The scopes that a resource server accepts, and those that are asked for it by default, as somebody
 * writes them.
 *
 * Source: RFC 6749 section 3.3 (default scope), RFC 8707 section 2.2 (a resource server processes some
 * scopes).
 *
 * @module
 */

import { expandForRequest } from '../catalogue/expand-scope.ts';
import { allScopes, emptySet, isEmpty, isSubset, type ScopeSet } from '../catalogue/scope-set.ts';

/** What a resource server does with the scopes of a token. */
export interface AcceptedScopes {
  /** What it accepts; undefined accepts every scope. */
  readonly accepted: ScopeSet | undefined;
  /** What a request that names the resource and no scope asks for; a part of `accepted`. */
  readonly usual: ScopeSet;
}

/** What is wrong with one of the two. */
export interface ScopeFault {
  readonly field: 'scope' | 'default_scope';
  /** Completes "The field ...". */
  readonly reason: string;
}

/**
 * @param scope space-delimited, bare names allowed; undefined or '' accepts every scope.
 * @param defaultScope a part of it; undefined is all of it.
 */
export function readAcceptedScopes(
  scope: string | undefined,
  defaultScope: string | undefined,
): AcceptedScopes | ScopeFault {
  const accepted = readScopes('scope', scope ?? '', allScopes);
  if (isFault(accepted)) return accepted;
  if (isEmpty(accepted)) {
    if (defaultScope === undefined) return { accepted: undefined, usual: emptySet };
    return { field: 'default_scope', reason: 'needs scope, of which it is a part' };
  }
  const usual = readScopes('default_scope', defaultScope ?? scope ?? '', accepted);
  if (isFault(usual)) return usual;
  return isSubset(usual, accepted)
    ? { accepted, usual }
    : { field: 'default_scope', reason: 'must be a part of scope' };
}

/** Whether the reading of scopes found a fault. */
export function isFault(read: AcceptedScopes | ScopeSet | ScopeFault): read is ScopeFault {
  return typeof read === 'object' && 'reason' in read;
}

function readScopes(
  field: ScopeFault['field'],
  text: string,
  within: ScopeSet,
): ScopeSet | ScopeFault {
  const expansion = expandForRequest(text, within);
  if (expansion.outcome === 'expanded') return expansion.scopes;
  const { unknown, unregistered } = expansion;
  const [word = ''] = [...unknown, ...unregistered];
  return unknown.length > 0
    ? { field, reason: `must hold only scopes of the catalogue, which has no ${shown(word)}` }
    : { field, reason: `must be a part of scope, which has no ${shown(word)}` };
}

function shown(word: string): string {
  return word.replaceAll(/[^\x21\x23-\x5b\x5d-\x7e]/g, '?').slice(0, 60);
}
