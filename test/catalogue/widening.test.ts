/** Which changes let a scope reach further than people consented to. */

import { describe, expect, test } from 'vitest';
import { defaultDirectory, loadCatalogue } from '../../src/catalogue-files/load.ts';
import { findWidening, reachOf } from '../../src/catalogue-files/widening.ts';
import { changed, type Json } from './copies.ts';

const before = reachOf(loadCatalogue(defaultDirectory).files);
const row = (json: Json, name: string): Json => json.scopes.find((one: Json) => one.scope === name);

function widening(file: string, by: (json: Json) => void): string[] {
  return findWidening(before, reachOf(loadCatalogue(changed([file, by])).files));
}

describe('reaches further', () => {
  test.each<[string, string, (json: Json) => void, string]>([
    [
      'requires less',
      'scopes.json',
      (json) => (row(json, 'database:write_members').requires = []),
      'database:write_members no longer requires manage_database_members',
    ],
    [
      'requires something else',
      'scopes.json',
      (json) => (row(json, 'database:write_members').requires = ['view_database']),
      'database:write_members no longer requires manage_database_members',
    ],
    [
      'never becomes something',
      'scopes.json',
      (json) => {
        const { requires } = row(json, 'organization:delete_production_branches');
        requires.development = ['manage_database'];
      },
      'organization:delete_production_branches reaches development branches; it did not',
    ],
    [
      'acts on something else',
      'scopes.json',
      (json) => (row(json, 'organization:read_invoices').actsOn = 'database'),
      'organization:read_invoices acts on a database; it acted on a organization',
    ],
    [
      'an operation takes it',
      'rules.json',
      (json) => json.routes.deleteDatabase.push('database:read_database'),
      'database:read_database allows the operation deleteDatabase; it did not',
    ],
  ])('%s', (_what, file, by, sentence) => {
    if (sentence.includes('acts on')) {
      const scopes = before.scopes.map((one) =>
        one.scope === 'organization:read_invoices' ? { ...one, actsOn: 'database' as const } : one,
      );
      expect(findWidening(before, { ...before, scopes })).toEqual([sentence]);
      return;
    }
    expect(widening(file, by)).toEqual([sentence]);
  });
});

describe('reaches no further', () => {
  test.each<[string, string, (json: Json) => void]>([
    ['nothing is changed', 'scopes.json', () => {}],
    [
      'requires more',
      'scopes.json',
      (json) => row(json, 'database:write_members').requires.push('view_backups'),
    ],
    [
      'something becomes never',
      'scopes.json',
      (json) => (row(json, 'organization:write_branches').requires.production = null),
    ],
    ['an operation takes it no more', 'rules.json', (json) => json.routes.readDatabase.pop()],
    [
      'roles give more, which concerns people and not applications',
      'roles.json',
      (json) => json.database[0].permissions.push('view_backups'),
    ],
  ])('%s', (_what, file, by) => {
    expect(widening(file, by)).toEqual([]);
  });
});

test('a new name for the same scope reaches no further, and neither does one that takes over an old name', () => {
  const renamed = before.scopes.map((one) =>
    one.scope === 'database:read_database'
      ? { ...one, scope: 'database:see_database', formerly: [one.scope] }
      : one,
  );
  expect(findWidening(before, { ...before, scopes: renamed, routes: {} })).toEqual([]);
  const wider = renamed.map((one) =>
    one.scope === 'database:see_database' ? { ...one, requires: [] } : one,
  );
  expect(findWidening(before, { ...before, scopes: wider, routes: {} })).toEqual([
    'database:see_database no longer requires view_database',
  ]);
  const taken = before.scopes.map((one) =>
    one.scope === 'database:read_database' ? { ...one, requires: [] } : one,
  );
  expect(findWidening({ scopes: renamed, routes: {} }, { scopes: taken, routes: {} })).toEqual([
    'database:read_database no longer requires view_database',
  ]);
});
