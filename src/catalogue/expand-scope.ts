/**
 * Bare names: a request may say `read_branches` where the catalogue says `database:read_branches`.
 *
 * A bare name means that exact name at every level that has it: in a registration all of them, in
 * a request those that the client is registered for (where that is only its default request: the
 * levels of it there, else all that the operator's ceiling leaves), at refresh those that the token
 * was issued with. In a request nothing is dropped in silence: a word that means nothing there refuses the
 * whole. In a registration it is dropped, and the answer says what was registered.
 *
 * Source: RFC 6749 section 3.3 (scope) and section 6 (refresh never exceeds the grant).
 *
 * @module
 */

import {
  allScopes,
  emptySet,
  formatScope,
  intersect,
  isEmpty,
  type ScopeSet,
  scopeSet,
  union,
} from './scope-set.ts';
import { callableNames, oidcScopes } from './scopes.ts';

/** What a scope parameter means; `unknown` and `unregistered` name the words that refuse it. */
export type Expansion =
  | {
      readonly outcome: 'expanded';
      /** Canonical: OpenID's names as given, then catalogue order, nothing twice. */
      readonly scope: string;
      /** The part that is in the catalogue. */
      readonly scopes: ScopeSet;
    }
  | {
      readonly outcome: 'refused';
      /** Not in the catalogue, neither as canonical nor as bare name. */
      readonly unknown: readonly string[];
      /** In the catalogue, but outside what the client registered or the token was issued with. */
      readonly unregistered: readonly string[];
    };

/**
 * Expands the `scope` of a registration (RFC 7591 section 2) over the whole catalogue, and drops what
 * it does not have.
 *
 * @returns canonical names, as an expansion has them; '' when nothing is left.
 */
export function expandForRegistration(text: string): string {
  const known = text.split(' ').filter((word) => openid.has(word) || meanings.has(word));
  const expansion = expand(known.join(' '), allScopes);
  return expansion.outcome === 'expanded' ? expansion.scope : '';
}

/**
 * Expands the `scope` of an authorization request.
 *
 * @param bound the most that the client may ask for.
 * @param usual a bare name that has levels in it means those alone.
 */
export function expandForRequest(
  text: string,
  bound: ScopeSet,
  usual: ScopeSet = emptySet,
): Expansion {
  return expand(text, bound, usual);
}

/** Expands the `scope` of a refresh within what the token was issued with. */
export function expandForRefresh(text: string, issued: ScopeSet): Expansion {
  return expand(text, issued);
}

const openid: ReadonlySet<string> = new Set(oidcScopes);

/** What a word means over the whole catalogue: one scope by its canonical name, or all of a name. */
const meanings: ReadonlyMap<string, ScopeSet> = callableNames.reduce((map, scope) => {
  const one = scopeSet([scope]);
  const bare = scope.slice(scope.indexOf(':') + 1);
  return map.set(scope, one).set(bare, union(map.get(bare) ?? emptySet, one));
}, new Map<string, ScopeSet>());

/** @returns the scopes of a canonical or a bare name; undefined where the catalogue has none. */
export function meaningOf(word: string): ScopeSet | undefined {
  return meanings.get(word);
}

/** OpenID Connect Core sections 5.4 and 3.1.2.1: scopes that the server does not know are ignored. */
const ignored: ReadonlySet<string> = new Set(['address', 'phone', 'groups']);

function expand(text: string, within: ScopeSet, usual: ScopeSet = emptySet): Expansion {
  const words = [...new Set(text.split(' '))].filter((word) => word !== '' && !ignored.has(word));
  const kept = words.filter((word) => openid.has(word));
  const asked = words.filter((word) => !openid.has(word));

  const unknown = asked.filter((word) => !meanings.has(word));
  const meant = (word: string) => {
    const all = intersect(meanings.get(word) ?? emptySet, within);
    const preferred = intersect(all, usual);
    return isEmpty(preferred) ? all : preferred;
  };
  const unregistered = asked.filter((word) => meanings.has(word) && isEmpty(meant(word)));
  if (unknown.length + unregistered.length > 0)
    return { outcome: 'refused', unknown, unregistered };

  const set = asked.map(meant).reduce(union, emptySet);
  const scope = [...kept, formatScope(set)].filter((part) => part !== '').join(' ');
  return { outcome: 'expanded', scope, scopes: set };
}
