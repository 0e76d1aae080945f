/**
 * Nothing knows a name: scopes, permissions and roles are data, so the program names none of them. Of
 * migrations, those that were there before roles became data are history.
 */

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultDirectory, loadCatalogue } from '../../src/catalogue-files/load.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { openTestDatabase } from '../support/database.ts';

const enforced = statement(`
  select conname as what, pg_get_constraintdef(oid) as text
  from pg_constraint where connamespace = 'public'::regnamespace
  union all
  select indexname, indexdef from pg_indexes where schemaname = 'public'`);

const root = join(import.meta.dirname, '../..');
const { files } = loadCatalogue(defaultDirectory);
const { organization, database, base } = files['roles.json'];

/** Names that are ordinary words of the program (`none`, `member`) can only be told apart as roles of a kind. */
const ordinary = new Set(['none', 'reader', 'developer', 'member']);
const names = [
  ...files['scopes.json'].scopes.flatMap(({ scope }) => [scope, scope.split(':')[1] ?? '']),
  ...files['permissions.json'].permissions.map(({ id }) => id),
  ...[...organization, ...database, ...base].map(({ id }) => id),
].filter((name) => !ordinary.has(name));

/** Routes, tables and codes of answers that happen to be called as a permission or a scope is. */
const quoted = new RegExp(`['"\`\\s](${[...new Set(names)].join('|')})['"\`\\s]`, 'g');

function namesIn(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  return Array.from(code.matchAll(quoted), ([, name]) => `${file}: ${name}`);
}

const before = '20261128210500-roles-are-data.ts';

test('the guard sees a name', () => {
  expect(namesIn('test/domain/../catalogue/faults.test.ts').length).toBeGreaterThan(0);
});

test('no scope, permission or role of the default catalogue is named in src', () => {
  const sources = globSync('src/**/*.ts', { cwd: root });
  expect(sources.length).toBeGreaterThan(100);
  expect(sources.flatMap(namesIn)).toEqual([]);
});

test('nor in a page', () => {
  const pages = globSync('views/**/*.{ejs,json}', { cwd: root });
  expect(pages.length).toBeGreaterThan(10);
  expect(pages.flatMap(namesIn)).toEqual([]);
});

test('nor in a migration since roles are data', () => {
  const later = globSync('migrations/*.ts', { cwd: root }).filter(
    (file) => file.replace('migrations/', '') > before,
  );
  expect(later.length).toBeGreaterThan(0);
  expect(later.flatMap(namesIn)).toEqual([]);
});

test('nor in what the database enforces: checks and partial indexes', async () => {
  const database = await openTestDatabase();
  try {
    const rows = await database.db.query<{ what: string; text: string }>(enforced, []);
    expect(rows.length).toBeGreaterThan(100);
    const named = new RegExp(`'(?:${[...new Set(names)].join('|')})'`);
    expect(rows.filter(({ text }) => named.test(text))).toEqual([]);
  } finally {
    await database.close();
  }
});
