/** What a platform calls things: its forms, in each language, are what every message can say. */

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { permissions } from '../../src/catalogue/permissions.ts';
import { permissionWords } from '../../src/catalogue/words.ts';
import { CatalogueError } from '../../src/catalogue-files/faults.ts';
import { loadCatalogue } from '../../src/catalogue-files/load.ts';
import { wordsOf } from '../../src/catalogue-files/platform-words.ts';
import { baseRoleName, baseRoles, databaseRoles, roleName } from '../../src/members/roles.ts';
import { change, changed, copy, type Json } from './copies.ts';

const words = (directory: string, locale = 'en') => {
  const found = loadCatalogue(directory).words.get(locale);
  if (found === undefined) throw new Error(`no words in ${locale}`);
  return wordsOf(found, locale);
};

function faultsOf(directory: string): string[] {
  try {
    loadCatalogue(directory);
    return [];
  } catch (error) {
    if (!(error instanceof CatalogueError)) throw error;
    return error.faults.map(({ file, path, message }) => `${file} ${path}: ${message}`);
  }
}

test('a word has its forms, each also with a capital', () => {
  expect(words(join(import.meta.dirname, 'workbench'))).toMatchObject({
    organization: 'company',
    organizations: 'companies',
    a_branch: 'an environment',
    A_branch: 'An environment',
    Databases: 'Projects',
    production: 'live',
    A_development: 'A draft',
  });
});

test('a path to look for is the catalogue’s own, or made of its nouns', () => {
  const workbench = join(import.meta.dirname, 'workbench');
  expect(words(workbench)['example_path']).toBe('website/draft');
  const without = changed([
    'words.en.json',
    (json) => {
      delete json.examplePath;
      json.nouns.database.one = 'Data set';
    },
  ]);
  expect(words(without)['example_path']).toBe('data-set/branch');
});

describe('roles', () => {
  test('are called as the language says, else by their own name', () => {
    const [role = ''] = databaseRoles;
    expect(roleName(role, 'de')).toBe('Nur Lesen');
    expect(roleName(role, 'fr')).toBe(roleName(role));
    expect(roleName('long_gone', 'de')).toBe('long_gone');
  });

  test('of a base are called as the language says, too', () => {
    const texts = baseRoles.map((role) => baseRoleName(role, 'de'));
    expect(texts).toEqual(['Kein Zugriff', 'Nur Lesen', 'Entwickler', 'Mitglied']);
    expect(baseRoleName(baseRoles[0] ?? '')).toBe('No access');
  });

  test('with words in the first language are there', () => {
    const directory = changed(['words.en.json', (json) => (json.roles = { database_raeder: 'x' })]);
    expect(faultsOf(directory)).toEqual([
      'words.en.json roles.database_raeder: there is no role "database_raeder"; did you mean "database_reader"?',
    ]);
  });
});

describe('permissions', () => {
  test('are said as the language says', () => {
    expect(permissions.filter((one) => permissionWords(one, 'de') === one.label)).toEqual([]);
    expect(permissionWords({ id: 'fresh', label: 'Do it' }, 'de')).toBe('Do it');
  });

  test('with words in the first language are there', () => {
    const directory = changed([
      'words.en.json',
      (json) => (json.permissions = { view_databse: 'x' }),
    ]);
    expect(faultsOf(directory)).toEqual([
      'words.en.json permissions.view_databse: there is no permission "view_databse"; did you mean "view_database"?',
    ]);
  });
});

describe('another language', () => {
  const german = (by: (json: Json) => void = () => {}) => {
    const directory = copy();
    change(directory, 'words.de.json', (json) => {
      json.nouns.database.more.dative = 'der Datenbank';
      Object.assign(json.nouns.branch, { one: 'öder Zweig', few: 'Zweige' });
      by(json);
    });
    return directory;
  };

  test('has a file of its own, with the forms it needs', () => {
    expect(words(german(), 'de')).toMatchObject({
      database_dative: 'der Datenbank',
      branch_few: 'Zweige',
      Branch: 'Öder Zweig',
    });
    expect(words(german(), 'en')).toMatchObject({ database: 'database' });
  });

  test('changes the digest', () => {
    expect(loadCatalogue(german()).digest).not.toBe(loadCatalogue(copy()).digest);
  });

  test('may say less about scopes than the first one, which is read then', () => {
    const directory = german((json) => {
      delete json.scopes.read_user;
      json.scopes.gone = 'gibt es nicht mehr';
    });
    expect(faultsOf(directory)).toEqual([]);
  });

  test('has the forms that its own messages need', () => {
    expect(faultsOf(german((json) => delete json.kinds.production.more))).toEqual([
      expect.stringContaining('words.de.json kinds.production: has no form "prefix", which'),
    ]);
  });
});

describe('refused at the start', () => {
  test.each<[string, (json: Json) => void, string]>([
    [
      'a form that the messages need',
      (json) => delete json.nouns.database.a,
      'words.en.json nouns.database: has no form "a", which the message ',
    ],
    [
      'an unknown form',
      (json) => (json.nouns.branch.ohter = 'branches'),
      'words.en.json nouns.branch: there is no property "ohter"; did you mean "other"?',
    ],
    [
      'a word with template syntax',
      (json) => (json.nouns.branch.one = '{branch}'),
      'words.en.json nouns.branch.one: must be plain text without control characters',
    ],
    [
      'a kind without its word',
      (json) => (json.kinds.production = { a: 'a live' }),
      'words.en.json kinds.production: must be a word, or its forms',
    ],
  ])('%s', (_what, by, fault) => {
    expect(faultsOf(changed(['words.en.json', by]))).toEqual([expect.stringContaining(fault)]);
  });
});
