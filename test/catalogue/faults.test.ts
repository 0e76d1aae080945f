/** A faulty catalogue is refused whole: every fault at once, each with its place and what is right. */

import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CatalogueError } from '../../src/catalogue-files/faults.ts';
import { defaultDirectory, loadCatalogue } from '../../src/catalogue-files/load.ts';
import { laterActs, withLaterActs } from '../../src/catalogue-files/rule-names.ts';
import { change, copy, type Json } from './copies.ts';

/** The faults as lines, in a copy that was changed. */
function faultsAfter(...changes: [file: string, by: (json: Json) => void][]): string[] {
  const directory = copy();
  for (const [file, by] of changes) change(directory, file, by);
  return faultsOf(directory);
}

function faultsOf(directory: string): string[] {
  try {
    loadCatalogue(directory);
    return [];
  } catch (error) {
    if (!(error instanceof CatalogueError)) throw error;
    return error.faults.map(({ file, path, message }) => `${file} ${path}: ${message}`);
  }
}

const scope = (json: Json, name: string) =>
  json.scopes.find((row: Json) => row.scope === name) as Json;

const cases: [what: string, file: string, by: (json: Json) => void, fault: string][] = [
  [
    'an unknown property',
    'scopes.json',
    (json) => (json.scopes[0].descriptoin = 'x'),
    'scopes.json scopes[0]: there is no property "descriptoin"; did you mean "description"?',
  ],
  [
    'a name twice',
    'scopes.json',
    (json) => json.scopes.push(json.scopes[0]),
    'scopes.json scopes[73]: "user:read_user" is there already, as scopes[0]',
  ],
  [
    'an unknown permission',
    'scopes.json',
    (json) => (scope(json, 'database:read_members').requires = ['view_database_member']),
    'there is no permission "view_database_member"; did you mean "view_database_members"?',
  ],
  [
    'a permission on something else',
    'scopes.json',
    (json) => (scope(json, 'database:delete_members').requires = ['view_organization']),
    '"view_organization" is a permission on a organization, not on a database',
  ],
  [
    'a scope that acts above its level',
    'scopes.json',
    (json) => {
      const row = scope(json, 'database:write_database');
      Object.assign(row, { actsOn: 'organization', requires: ['view_organization'] });
    },
    'a scope of the level database cannot act on a organization',
  ],
  [
    'one list where two kinds of branch are',
    'scopes.json',
    (json) => (scope(json, 'branch:read_branch').requires = ['view_branches']),
    'what acts on a branch requires one list for each kind of branch',
  ],
  [
    'a branch scope that reaches no branch',
    'scopes.json',
    (json) =>
      (scope(json, 'branch:write_branch').requires = { development: null, production: null }),
    'reaches no branch at all',
  ],
  [
    'a circle of former names',
    'scopes.json',
    (json) => {
      scope(json, 'database:read_database').formerly = ['database:write_members'];
    },
    '"database:write_members" is a name of today, so it cannot be a former one (a circle)',
  ],
  [
    'no administrator',
    'roles.json',
    (json) => (json.organization[1].part = undefined),
    'exactly one role must have the part "administrator"; 0 have it',
  ],
  [
    'two base roles by default',
    'roles.json',
    (json) => (json.base[0].part = 'default'),
    'exactly one role must have the part "default"; 2 have it',
  ],
  [
    'an administrator with a list of permissions',
    'roles.json',
    (json) => (json.database[2].permissions = []),
    'an administrator holds everything; list no permissions',
  ],
  [
    'a rule that is missing',
    'rules.json',
    (json) => delete json.acts.organization['member.removed'],
    'rules.json acts.organization: nothing is said about "member.removed"',
  ],
  [
    'a route that takes an unknown scope',
    'rules.json',
    (json) => (json.routes.listBranches = ['branch:read_branche']),
    'there is no scope "branch:read_branche"; did you mean "branch:read_branch"?',
  ],
  [
    'a scope without words',
    'words.en.json',
    (json) => delete json.scopes.write_user,
    'nothing is said about "user:write_user"',
  ],
  [
    'words with template syntax',
    'words.en.json',
    (json) => (json.scopes.read_user = '<%= process.env %>'),
    'must be plain text',
  ],
];

describe('a fault is named with its place', () => {
  test.each(cases)('%s', (_what, file, by, fault) => {
    const faults = faultsAfter([file, by]);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(fault);
  });
});

test('fifteen faults are listed at once', () => {
  const directory = copy();
  for (const [, file, by] of cases) change(directory, file, by);
  const faults = faultsOf(directory);
  const missing = cases.filter(([, , , fault]) => !faults.some((line) => line.includes(fault)));
  expect(missing.map(([what]) => what)).toEqual([]);
});

describe('a file that is none', () => {
  test.each<[string, string | Buffer, string]>([
    ['not JSON', '{"scopes": [', 'is not JSON'],
    ['not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'is not UTF-8'],
    ['10 MB', ' '.repeat(10_000_000), 'is 10000000 bytes long; 4194304 are the most'],
  ])('%s', (_what, content, fault) => {
    const directory = copy();
    writeFileSync(join(directory, 'scopes.json'), content);
    expect(faultsOf(directory)).toEqual([expect.stringContaining(`scopes.json : ${fault}`)]);
  });

  test('missing', () => {
    const directory = copy();
    rmSync(join(directory, 'roles.json'));
    expect(faultsOf(directory)).toEqual(['roles.json : is missing']);
  });
});

test('rules from before an act was there are good, and give it to whom they give an older one', () => {
  const older = (json: Json) => {
    for (const act of laterActs.keys()) delete json.acts.organization[act];
  };
  expect(faultsAfter(['rules.json', older])).toEqual([]);
  const said = { 'application.approved': 'approve', 'application.shut_out': 'shut_out' };
  expect(withLaterActs(said)).toMatchObject({
    'application.approved': 'approve',
    'application.created': 'approve',
    'application.shut_out': 'shut_out',
  });
});

test('a process with a faulty catalogue does not start, and says why', () => {
  const directory = copy();
  change(directory, 'roles.json', (json) => (json.database = []));
  const main = join(import.meta.dirname, '../../src/main.ts');
  const env = { ...process.env, CATALOGUE: directory };
  const { status, stderr } = spawnSync(process.execPath, [main], { env, encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^Usher cannot start\.\nThe catalogue .* has \d+ fault\(s\):\n {2}roles\.json /,
  );
  expect(stderr).not.toContain(' at ');
});

test('the digest changes with the content, not with the place', () => {
  const directory = copy();
  const before = loadCatalogue(defaultDirectory).digest;
  expect(loadCatalogue(directory).digest).toBe(before);
  change(directory, 'words.en.json', (json) => (json.scopes.read_user = 'Another'));
  expect(loadCatalogue(directory).digest).not.toBe(before);
});

test('5,000 scopes are taken, one more is not', () => {
  const directory = copy();
  const grow = (count: number) =>
    change(directory, 'scopes.json', (json) => {
      for (let at = json.scopes.length; at < count; at += 1) {
        json.scopes.push({ ...json.scopes[0], scope: `user:extra_${at}` });
      }
    });
  grow(5000);
  change(directory, 'words.en.json', (json) => {
    for (let at = 73; at < 5001; at += 1) json.scopes[`extra_${at}`] = 'Extra';
  });
  expect(faultsOf(directory).filter((line) => !line.includes('extra_5000'))).toEqual([]);
  grow(5001);
  expect(faultsOf(directory).join()).toContain('5000');
});
