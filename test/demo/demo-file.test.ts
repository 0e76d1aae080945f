/** `demo.json` beside a catalogue: checked whole, and one can be without it. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CatalogueError } from '../../src/catalogue-files/faults.ts';
import { loadCatalogue } from '../../src/catalogue-files/load.ts';
import { change, changed, copy, type Json } from '../catalogue/copies.ts';

function faultsAfter(by: (json: Json) => void): string[] {
  try {
    loadCatalogue(changed(['demo.json', by]));
    return [];
  } catch (error) {
    if (!(error instanceof CatalogueError)) throw error;
    return error.faults.map(({ file, path, message }) => `${file} ${path}: ${message}`);
  }
}

test('what names nothing is told with its place', () => {
  const faults = faultsAfter((json) => {
    json.operators = ['operators@usher.test'];
    json.organizations[0].baseRole = 'membr';
    json.organizations[0].members['dba@acme.test'] = 'organization_membre';
    json.organizations[1].roles[0].database = 'leger';
    json.organizations[1].roles[1].role = 'database_developr';
    json.stages[0].branch = 'stagin';
    json.clients[4].scope = 'user:read_usr';
    json.clients = json.clients.filter(({ id }: Json) => id !== 'demo-api');
  });
  expect(faults).toEqual([
    'demo.json operators[0]: there is no account "operators@usher.test"; did you mean "operator@usher.test"?',
    'demo.json organizations[0].baseRole: there is no base role "membr"; did you mean "member"?',
    'demo.json organizations[0].members.dba@acme.test: there is no organization role "organization_membre"; did you mean "organization_member"?',
    'demo.json organizations[1].roles[0].database: there is no database "leger"; did you mean "ledger"?',
    'demo.json organizations[1].roles[1].role: there is no database role "database_developr"; did you mean "database_developer"?',
    'demo.json stages[0].branch: there is no branch "stagin"; did you mean "staging"?',
    'demo.json clients[3].scope: there is no scope "user:read_usr"; did you mean "user:read_user"?',
    'demo.json clients: the pages of the demo need a client "demo-api" with a secret',
  ]);
});

test('a catalogue without demo data can be used, and decides the same', () => {
  const directory = copy();
  const { digest } = loadCatalogue(directory);
  change(directory, 'demo.json', (json) => (json.password = 'another-one'));
  expect(loadCatalogue(directory).digest).toBe(digest);
  rmSync(join(directory, 'demo.json'));
  expect(loadCatalogue(directory).digest).toBe(digest);
});
