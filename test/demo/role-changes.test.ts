/** The demo's buttons do what an administrator may do, and nothing that the domain forbids. */

import { beforeAll, expect, test } from 'vitest';
import { type Change, makeChange, type Stage, stateOf } from '../../src/demo/role-changes.ts';
import { seedDemo } from '../../src/demo/seed.ts';
import { stagesOf } from '../../src/demo/stages.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';

const acme: Stage = { organization: 'acme', database: 'shop', branch: 'staging' };

const database = forAllTests(openTestDatabase);
const ids = new Map<string, string>();
beforeAll(async () => {
  await seedDemo(database.db, 'http://localhost:3000');
  const accounts = await database.db.query<{ email: string; id: string }>(
    statement('select email, id from accounts'),
  );
  for (const { email, id } of accounts) ids.set(email, id);
});

const change = (email: string, what: Change, stage = acme) =>
  makeChange(database.db, ids.get(email) ?? '', stage, what);
const state = (email: string, stage = acme) => stateOf(database.db, ids.get(email) ?? '', stage);

test('gives and takes a role on the database', async () => {
  expect(await change('member@acme.test', 'database_admin')).toBe(true);
  expect(await change('member@acme.test', 'database_admin')).toBe(false);
  expect(await state('member@acme.test')).toMatchObject({ databaseRole: 'database_admin' });
  expect(await change('member@acme.test', 'database_reader')).toBe(true);
  expect(await state('member@acme.test')).toMatchObject({ databaseRole: 'database_reader' });
  expect(await change('member@acme.test', 'no_role')).toBe(true);
  expect(await state('member@acme.test')).toMatchObject({ databaseRole: undefined });
});

test('a member who leaves takes the roles along, and comes back with none', async () => {
  expect(await change('developer@acme.test', 'leave')).toBe(true);
  expect(await change('developer@acme.test', 'database_admin')).toBe(false);
  expect(await state('developer@acme.test')).toMatchObject({ role: undefined });
  expect(await change('developer@acme.test', 'join')).toBe(true);
  expect(await state('developer@acme.test')).toMatchObject({
    role: 'organization_member',
    databaseRole: undefined,
  });
});

test('an Organization Administrator cannot be removed', async () => {
  expect(await change('admin@acme.test', 'leave')).toBe(false);
  expect(await state('admin@acme.test')).toMatchObject({ role: 'organization_admin' });
});

test('promotes and demotes, but never the last production branch', async () => {
  expect(await change('member@acme.test', 'promote')).toBe(true);
  expect(await state('member@acme.test')).toMatchObject({ isBranchProduction: true });
  expect(await change('member@acme.test', 'demote', { ...acme, branch: 'main' })).toBe(true);
  expect(await change('member@acme.test', 'demote')).toBe(false);
  expect(await change('member@acme.test', 'promote', { ...acme, branch: 'main' })).toBe(true);
  expect(await change('member@acme.test', 'demote')).toBe(true);
});

test('every change is in the audit trail, and a refused one is not', async () => {
  const count = async () =>
    (await database.db.query(statement(`select id from audit_events where action like 'demo.%'`)))
      .length;
  const before = await count();
  await change('team@acme.test', 'database_reader');
  await change('team@acme.test', 'database_reader');
  expect(await count()).toBe(before + 1);
});

test('an account is offered the organizations that the demo data gave it', () => {
  const organizations = (email: string) => stagesOf(email).map(({ organization }) => organization);
  expect(organizations('member@acme.test')).toEqual(['acme']);
  expect(organizations('consultant@vault.test')).toEqual(['acme', 'vault']);
  expect(organizations('operator@usher.test')).toEqual([]);
});
