/** The sentence of a page that was not submitted yet, and of a consent that stands. */

import { expect, test } from 'vitest';
import { parseScopeSet } from '../../src/catalogue/scope-set.ts';
import { recordConsent } from '../../src/consent/record.ts';
import { previewConsent, sentenceOfConsent } from '../../src/consent/sentence.ts';
import { findConsent } from '../../src/storage/consents/consents.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests, forEachTest } from '../support/for-all-tests.ts';
import { plantTree, run } from './tree.ts';

const database = forAllTests(openTestDatabase);
const tree = forEachTest(() => plantTree(database.db));

const read = 'database:read_branches';
const write = 'database:write_branches';
const pair = () => ({ accountId: tree.dba, clientId: tree.app });

function choice(id: string, scope: string, includesProduction = false) {
  const pick = { level: 'database', id, scopes: parseScopeSet(scope) } as const;
  const picks = [{ ...pick, seenProduction: undefined, includesProduction }];
  return { ...pair(), asked: `${read} ${write}`, picks, shown: [] };
}

test('is about the whole consent as it would be, and writes nothing', async () => {
  await recordConsent(database.db, choice(tree.analytics, read));
  const before = await findConsent(database.db, pair());
  const told = await previewConsent(database.db, choice(tree.shop, `${read} ${write}`));
  expect(told.powers).toMatchObject([
    { effect: 'change', resources: [{ level: 'database', reachesProduction: false }] },
    { effect: 'see', resources: [{}, {}] },
  ]);
  expect(told.powers[0]?.resources[0]?.path).toMatch(/^acme-\w+\/shop$/);
  expect(told.exclusions).toContainEqual({ what: 'production', until: 'never' });
  expect(await findConsent(database.db, pair())).toEqual(before);
});

test('is refused as the submit would be', async () => {
  await expect(previewConsent(database.db, choice(tree.ledger, read))).rejects.toMatchObject({
    code: 'resource_unknown',
  });
  await expect(previewConsent(database.db, choice(tree.shop, ''))).rejects.toMatchObject({
    code: 'nothing_picked',
  });
});

test('follows the roles, and stays about what the user does not see any more', async () => {
  expect(await sentenceOfConsent(database.db, pair())).toBeUndefined();
  await recordConsent(database.db, choice(tree.shop, `${read} ${write}`, true));
  const held = await sentenceOfConsent(database.db, pair());
  expect(held?.powers[0]).toMatchObject({
    effect: 'change',
    resources: [{ reachesProduction: true }],
  });
  await run(database.db, 'delete from database_roles where account_id = $1', tree.dba);
  const lost = await sentenceOfConsent(database.db, pair());
  expect(lost?.powers[0]).toMatchObject({
    effect: 'change',
    resources: [{ reachesProduction: false }],
  });
  await run(
    database.db,
    'update organization_members set suspended_at = now() where account_id = $1',
    tree.dba,
  );
  expect(await sentenceOfConsent(database.db, pair())).toMatchObject({
    powers: [],
    exclusions: [
      { what: 'production', until: 'role' },
      { what: 'delete', until: 'never' },
      { what: 'change', until: 'role' },
    ],
  });
});

test('promises nothing about production for a branch that is not seen any more', async () => {
  const scopes = parseScopeSet('branch:read_branch');
  const pick = {
    level: 'branch',
    id: tree.staging,
    scopes,
    seenProduction: false,
  } as const;
  const picks = [{ ...pick, includesProduction: false }];
  const asked = 'branch:read_branch';
  await recordConsent(database.db, { ...pair(), asked, picks, shown: [] });
  const promise = { what: 'production', until: 'never' };
  expect((await sentenceOfConsent(database.db, pair()))?.exclusions).toContainEqual(promise);
  await run(
    database.db,
    'update organization_members set suspended_at = now() where account_id = $1',
    tree.dba,
  );
  await run(database.db, 'update branches set production = true where id = $1', tree.staging);
  expect((await sentenceOfConsent(database.db, pair()))?.exclusions).toContainEqual({
    ...promise,
    until: 'role',
  });
});
