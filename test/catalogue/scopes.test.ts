/** The catalogue holds the published scopes and the extensions: nothing missing, nothing extra. */

import { describe, expect, test } from 'vitest';
import { permissionIds, permissions } from '../../src/catalogue/permissions.ts';
import { findScope, isScopeName, scopeNames, scopes } from '../../src/catalogue/scopes.ts';
import { permissionRows, scopeRows } from './published-data.ts';

describe('the scope catalogue', () => {
  test('has 3 user, 30 organization, 25 database and 8 branch scopes and 7 extensions', () => {
    const count = (level: string) =>
      scopes.filter((row) => row.origin === 'published' && row.level === level).length;
    expect(['user', 'organization', 'database', 'branch'].map(count)).toEqual([3, 30, 25, 8]);
    expect(scopes.filter((row) => row.origin === 'extension')).toHaveLength(7);
  });

  test('has no row that the data lacks, in the same order', () => {
    expect(scopeNames).toEqual(scopeRows.map((row) => row.scope));
  });

  test.each(scopeRows)('$scope is as published', (row) => {
    expect(findScope(row.scope)).toEqual(row);
  });

  test('spells as one word what the published database table breaks in two', () => {
    expect(isScopeName('database:write_deploy_requests')).toBe(true);
    expect(findScope('database:write_deploy')).toBeUndefined();
  });

  test.each(['constructor', '__proto__', 'read_branches', 'Organization:read_branches', ''])(
    'does not know "%s"',
    (text) => {
      expect(isScopeName(text)).toBe(false);
      expect(findScope(text)).toBeUndefined();
    },
  );
});

describe('the permissions', () => {
  test('has no row that the data lacks, in the same order', () => {
    expect(permissionIds).toEqual(permissionRows.map((row) => row.id));
    expect(permissionIds).toHaveLength(41);
  });

  test.each(permissionRows)('$id is as published', ({ id, on, label, reference }) => {
    expect(permissions.find((row) => row.id === id)).toEqual({ id, on, label, reference });
  });
});
