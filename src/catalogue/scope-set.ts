/**
 * A set of scopes is a value with its own algebra, not a string that everyone splits.
 *
 * @module
 */

import { type NameSet, nameList } from './name-set.ts';
import type { Level, ResourceKind } from './scope-rule.ts';
import {
  callableNames,
  formerScopeNames,
  type Scope,
  type ScopeName,
  scopeNames,
  scopeOf,
  scopes,
} from './scopes.ts';

export { intersect, isEmpty, isSubset, union, without } from './name-set.ts';

/** Scopes of the catalogue; OpenID's are not among them. */
export type ScopeSet = NameSet<ScopeName>;

const list = nameList(scopeNames, formerScopeNames);

/** The set of these scopes. */
export const scopeSet: (names: Iterable<ScopeName>) => ScopeSet = list.of;

/** The canonical names in the set, in catalogue order. */
export function names(set: ScopeSet): readonly ScopeName[] {
  return named.get(set) ?? remember(named, set, list.names(set));
}

/**
 * The names to print for others: in catalogue order, each followed by those that it had before, so that
 * whoever knows only the old one understands.
 */
export function namesWithFormer(set: ScopeSet): readonly ScopeName[] {
  if (formerScopeNames.size === 0) return names(set);
  return names(set).flatMap((name) => [name, ...(scopeOf(name).formerly ?? [])]);
}

/** @returns a scope as it was stored, with every name that its scopes have and had since. */
export function withEveryName(text: string): string {
  if (formerScopeNames.size === 0) return text;
  return [...new Set([...text.split(' '), ...namesWithFormer(parseScopeSet(text))])]
    .join(' ')
    .trim();
}

/** No scope. */
export const emptySet: ScopeSet = scopeSet([]);

/** The whole catalogue. */
export const allScopes: ScopeSet = scopeSet(scopeNames);

/** The scopes of a level. */
export const scopesAtLevel: Readonly<Record<Level, ScopeSet>> = byLevel(({ level }) => level);

/** The scopes that act on a kind of resource. */
export const scopesActingOn: Readonly<Record<ResourceKind, ScopeSet>> = byLevel(
  ({ actsOn }) => actsOn,
);

/** Whether the set holds the scope. */
export function has(set: ScopeSet, name: ScopeName): boolean {
  return (set & (list.single(name) ?? 0n)) !== 0n;
}

/** Reads space-delimited canonical names (RFC 6749 section 3.3); other words are passed over. */
export function parseScopeSet(text: string): ScopeSet {
  const seen = parsed.get(text);
  if (seen !== undefined) return seen;
  const set = text.split(' ').reduce((sum, word) => sum | (list.single(word) ?? 0n), 0n);
  return text.length > longestText ? (set as ScopeSet) : remember(parsed, text, set as ScopeSet);
}

/** Prints the set as space-delimited `toldNames`; '' when it is empty. */
export function formatScope(set: ScopeSet): string {
  return formatted.get(set) ?? remember(formatted, set, namesWithFormer(set).join(' '));
}

/** Reading and printing are pure, and the same few sets pass by on every request. */
const parsed = new Map<string, ScopeSet>();
const formatted = new Map<ScopeSet, string>();
const named = new Map<ScopeSet, readonly ScopeName[]>();
const remembered = 1000;
const longestText = callableNames.join(' ').length;

function remember<Key, Value>(memory: Map<Key, Value>, key: Key, value: Value): Value {
  if (memory.size >= remembered) memory.clear();
  memory.set(key, value);
  return value;
}

function byLevel(of: (scope: Scope) => Level): Record<Level, ScopeSet> {
  const at = (level: Level) =>
    scopeSet(scopes.filter((scope) => of(scope) === level).map(({ scope }) => scope));
  return {
    user: at('user'),
    organization: at('organization'),
    database: at('database'),
    branch: at('branch'),
  };
}
