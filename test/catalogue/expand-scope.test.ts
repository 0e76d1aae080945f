/** RFC 6749 section 3.3, and the catalogue's rule for bare names. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  expandForRefresh,
  expandForRegistration,
  expandForRequest,
} from '../../src/catalogue/expand-scope.ts';
import { allScopes, emptySet, parseScopeSet, scopeSet } from '../../src/catalogue/scope-set.ts';
import { oidcScopes, scopeNames } from '../../src/catalogue/scopes.ts';
import { type ScopeRow, scopeRows } from './published-data.ts';

const expanded = (scope: string) => ({ outcome: 'expanded', scope, scopes: parseScopeSet(scope) });
const refused = (unknown: string[], unregistered: string[] = []) => ({
  outcome: 'refused',
  unknown,
  unregistered,
});

describe('a bare name in a registration', () => {
  const bareNames = [...new Set(scopeRows.map((row) => row.name))];

  test.each(bareNames)('%s means that exact name at every level that has it', (name) => {
    const everywhere = scopeRows.filter((row) => row.name === name).map((row) => row.scope);
    expect(expandForRegistration(name)).toBe(everywhere.join(' '));
  });

  const atSeveralLevels = (rows: ScopeRow[]) =>
    bareNames.filter((name) => rows.filter((row) => row.name === name).length > 1);

  test('stands at more than one level for 22 published names, 25 with the extensions', () => {
    const published = scopeRows.filter((row) => row.origin === 'published');
    expect(atSeveralLevels(published)).toHaveLength(22);
    expect(atSeveralLevels(scopeRows)).toHaveLength(25);
  });
});

describe('a bare name in a request', () => {
  test('means the levels that the client is registered for', () => {
    const registered = scopeSet(['database:read_branches', 'organization:read_databases']);
    expect(expandForRequest('read_branches', registered)).toEqual(
      expanded('database:read_branches'),
    );
  });

  test('read_branches does not include branch:read_branch, another name', () => {
    expect(expandForRequest('read_branches', allScopes)).toEqual(
      expanded('organization:read_branches database:read_branches'),
    );
  });

  test('is unregistered when the client has it at no level', () => {
    expect(expandForRequest('read_branches', scopeSet(['branch:read_branch']))).toEqual(
      refused([], ['read_branches']),
    );
  });
});

describe('a bare name at refresh', () => {
  test('means its levels within the token', () => {
    const issued = scopeSet(['organization:read_branches', 'user:read_user']);
    expect(expandForRefresh('read_branches', issued)).toEqual(
      expanded('organization:read_branches'),
    );
  });

  test('refuses what the token was not issued with', () => {
    const issued = scopeSet(['user:read_user']);
    expect(expandForRefresh('user:read_user database:read_branches', issued)).toEqual(
      refused([], ['database:read_branches']),
    );
  });
});

describe('the canonical form', () => {
  test('puts OpenID names first as given, then catalogue order, nothing twice', () => {
    const text = 'branch:read_branch offline_access read_user  user:read_user openid read_user';
    expect(expandForRequest(text, allScopes)).toEqual(
      expanded('offline_access openid user:read_user branch:read_branch'),
    );
  });

  test('keeps the OpenID names, whatever is registered', () => {
    const text = oidcScopes.join(' ');
    expect(expandForRequest(text, emptySet)).toEqual(expanded(text));
    expect(expandForRefresh(text, emptySet)).toEqual(expanded(text));
    expect(expandForRegistration(text)).toBe(text);
  });

  test('leaves canonical names as they are', () => {
    const anyScopes = fc.uniqueArray(fc.constantFrom(...scopeNames), { minLength: 1 });
    fc.assert(
      fc.property(anyScopes, (list) => {
        const scope = scopeNames.filter((name) => list.includes(name)).join(' ');
        expect(expandForRequest(list.join(' '), scopeSet(list))).toEqual(expanded(scope));
        expect(expandForRegistration(scope)).toBe(scope);
      }),
    );
  });

  test('is empty when nothing is asked', () => {
    expect(expandForRequest('  ', allScopes)).toEqual(expanded(''));
  });
});

describe('a refusal names the offenders', () => {
  test('a name that is unregistered, and one that is unknown', () => {
    const registered = scopeSet(['user:read_user']);
    const text = 'openid read_user write_user nonsense user:read_user branch:read_branch';
    expect(expandForRequest(text, registered)).toEqual(
      refused(['nonsense'], ['write_user', 'branch:read_branch']),
    );
  });

  test('the two halves of the name that the published table breaks', () => {
    expect(expandForRequest('database:write_deploy requests', allScopes)).toEqual(
      refused(['database:write_deploy', 'requests']),
    );
  });

  test.each(['user:read_branches', 'READ_USER', 'constructor', 'read_user\tx', 'user:openid'])(
    '%j',
    (word) => {
      expect(expandForRequest(word, allScopes)).toEqual(refused([word]));
      expect(expandForRegistration(`${word} openid`)).toBe('openid');
    },
  );
});
