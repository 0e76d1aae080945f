/** RFC 6749 section 3.3: a scope is an unordered set of names, printed space-delimited. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  allScopes,
  emptySet,
  formatScope,
  has,
  intersect,
  isEmpty,
  isSubset,
  names,
  parseScopeSet,
  scopeSet,
  scopesActingOn,
  scopesAtLevel,
  union,
  without,
} from '../../src/catalogue/scope-set.ts';
import { type ScopeName, scopeNames } from '../../src/catalogue/scopes.ts';
import { scopeRows } from './published-data.ts';

const anyNames = fc.array(fc.constantFrom(...scopeNames));
const inOrder = (set: Set<ScopeName>) => scopeNames.filter((name) => set.has(name));

describe('a scope set', () => {
  test('behaves as a set of names', () => {
    fc.assert(
      fc.property(anyNames, anyNames, (left, right) => {
        const [a, b] = [new Set(left), new Set(right)];
        const [one, other] = [scopeSet(left), scopeSet(right)];
        expect(names(union(one, other))).toEqual(inOrder(a.union(b)));
        expect(names(intersect(one, other))).toEqual(inOrder(a.intersection(b)));
        expect(names(without(one, other))).toEqual(inOrder(a.difference(b)));
        expect(isSubset(one, other)).toBe(a.isSubsetOf(b));
        expect(isEmpty(one)).toBe(a.size === 0);
        for (const name of scopeNames) expect(has(one, name)).toBe(a.has(name));
      }),
    );
  });

  test('prints in catalogue order and reads what it printed', () => {
    fc.assert(
      fc.property(anyNames, (list) => {
        const text = formatScope(scopeSet(list));
        expect(text).toBe(inOrder(new Set(list)).join(' '));
        expect(parseScopeSet(text)).toBe(scopeSet(list));
      }),
    );
  });

  test('passes over words that are not in the catalogue', () => {
    expect(parseScopeSet('openid read_branches  user:read_user constructor')).toBe(
      scopeSet(['user:read_user']),
    );
  });

  test('is printed as nothing when it is empty', () => {
    expect(formatScope(emptySet)).toBe('');
    expect(parseScopeSet('')).toBe(emptySet);
  });

  test('holds the whole catalogue', () => {
    expect(formatScope(allScopes)).toBe(scopeRows.map((row) => row.scope).join(' '));
  });

  test.each(['user', 'organization', 'database', 'branch'] as const)('sorts by %s', (kind) => {
    const where = (column: 'level' | 'actsOn') =>
      scopeRows.filter((row) => row[column] === kind).map((row) => row.scope);
    expect(names(scopesAtLevel[kind])).toEqual(where('level'));
    expect(names(scopesActingOn[kind])).toEqual(where('actsOn'));
  });

  test('answers the same after more texts than it remembers', () => {
    for (let n = 0; n < 3000; n += 1) parseScopeSet(`nothing-${n}`);
    expect(parseScopeSet('user:read_user')).toBe(scopeSet(['user:read_user']));
  });
});
