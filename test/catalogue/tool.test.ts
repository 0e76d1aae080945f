/** `npm run catalogue`: checks and compares catalogues without a database. */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultDirectory } from '../../src/catalogue-files/load.ts';
import { changed, type Json } from './copies.ts';

const program = join(import.meta.dirname, '../../src/catalogue.ts');

function run(...args: string[]) {
  const env = { PATH: process.env['PATH'], DATABASE_URL: 'postgres://127.0.0.1:1/none' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    env,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const row = (list: Json[], key: string, name: string) => list.find((one) => one[key] === name);

test('check says what is in a good catalogue, and ends with 0', () => {
  const { status, stdout } = run('check', defaultDirectory);
  expect(status).toBe(0);
  expect(stdout).toMatch(
    /can be used: 73 scopes, 41 permissions, 9 roles\.\nDigest [0-9a-f]{64}\n/,
  );
});

test('check lists every fault, and ends with 1', () => {
  const broken = changed(
    ['roles.json', (json) => (json.base[0].permissions = ['view_databse'])],
    ['words.en.json', (json) => delete json.scopes.read_user],
  );
  const { status, stdout, stderr } = run('check', broken);
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toContain('roles.json base[0].permissions[0]: there is no permission');
  expect(stderr).toContain('did you mean "view_database"?');
  expect(stderr).toContain('words.en.json scopes: nothing is said about "user:read_user"');
});

test('check of nothing, and of a directory that is not there', () => {
  expect(run('check').status).toBe(2);
  expect(run('check').stderr).toContain('npm run catalogue -- diff A B');
  const missing = run('check', '/nowhere');
  expect(missing.status).toBe(1);
  expect(missing.stderr).toContain('scopes.json: is missing');
});

test('diff of equal catalogues', () => {
  expect(run('diff', defaultDirectory, defaultDirectory)).toMatchObject({
    status: 0,
    stdout: 'No scope, role or rule is different.\n',
  });
});

test('diff says for each scope, role and rule what it gives and takes', () => {
  const other = changed(
    [
      'scopes.json',
      (json) => {
        row(json.scopes, 'scope', 'database:read_database').requires = [
          'view_database',
          'view_backups',
        ];
        json.scopes = json.scopes.filter((one: Json) => one.scope !== 'user:write_user');
        const promoted = row(json.scopes, 'scope', 'database:promote_branches');
        promoted.scope = 'database:raise_branches';
        promoted.formerly = ['database:promote_branches'];
      },
    ],
    [
      'roles.json',
      (json) => {
        const reader = row(json.database, 'id', 'database_reader');
        reader.permissions = ['view_database', 'view_branches', 'view_backups'];
        json.organization.push({ id: 'analyst', name: 'Analyst', onDatabases: ['view_database'] });
      },
    ],
    [
      'rules.json',
      (json) => {
        json.acts.database['branches.read'] = 'view_database';
        json.routes.promoteBranch = ['database:raise_branches'];
      },
    ],
    [
      'words.en.json',
      (json) => {
        json.scopes.raise_branches = 'Raise branches';
        json.scopes['organization:promote_branches'] = json.scopes.promote_branches;
        delete json.scopes.promote_branches;
        delete json.scopes.write_user;
      },
    ],
  );
  const { status, stdout, stderr } = run('diff', defaultDirectory, other);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(stdout.trim().split('\n')).toEqual([
    'scope database:raise_branches: was called database:promote_branches',
    'scope database:read_database: requires view_database and view_backups, before: view_database',
    'scope user:write_user: is gone; what was consented to under this name has no effect',
    'organization role analyst: is new: gives view_database on every database',
    'database role database_reader: gives also view_backups',
    'database role database_reader: no longer gives view_deploy_requests, ' +
      'connect_development_read_only, connect_production_read_only',
    'the act branches.read: takes view_database, before: view_branches',
    'the operation promoteBranch: takes database:raise_branches, ' +
      'before: organization:promote_branches, database:promote_branches',
  ]);
});

test('diff with a catalogue that cannot be used ends with 1', () => {
  const broken = changed(['roles.json', (json) => (json.database = [])]);
  expect(run('diff', defaultDirectory, broken).status).toBe(1);
});
