/**
 * What an application asks for: OpenID's scopes beside those of the catalogue.
 *
 * @module
 */

import {
  formatScope,
  isSubset,
  parseScopeSet,
  type ScopeSet,
  union,
} from '../catalogue/scope-set.ts';
import { oidcScopes } from '../catalogue/scopes.ts';

/** A scope parameter, taken apart. */
export interface AskedScope {
  readonly openid: readonly string[];
  readonly scopes: ScopeSet;
}

/** Reads a canonical scope string (RFC 6749 section 3.3); words of neither kind are passed over. */
export function parseAskedScope(text: string): AskedScope {
  const words = new Set(text.split(' '));
  return { openid: oidcScopes.filter((name) => words.has(name)), scopes: parseScopeSet(text) };
}

/** Prints OpenID's scopes, then the catalogue's, each in its own order. */
export function formatAskedScope({ openid, scopes }: AskedScope): string {
  return [...openid, formatScope(scopes)].filter((part) => part !== '').join(' ');
}

/** What is asked in either. */
export function unionOfAsked(one: AskedScope, other: AskedScope): AskedScope {
  const openid = oidcScopes.filter((name) => [...one.openid, ...other.openid].includes(name));
  return { openid, scopes: union(one.scopes, other.scopes) };
}

/** Whether everything that the first asks for is asked for in the second. */
export function isAskedIn(part: AskedScope, whole: AskedScope): boolean {
  const openid = part.openid.every((name) => whole.openid.includes(name));
  return openid && isSubset(part.scopes, whole.scopes);
}
