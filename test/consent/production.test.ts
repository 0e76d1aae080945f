/** Production branches are a choice of their own on each picked organization and database. */

import { describe, expect, test } from 'vitest';
import { formatScope, parseScopeSet } from '../../src/catalogue/scope-set.ts';
import { listConsents } from '../../src/consent/list.ts';
import { proposePage } from '../../src/consent/page.ts';
import { recordConsent } from '../../src/consent/record.ts';
import { entriesOf } from '../../src/storage/consents/consent-entries.ts';
import { findConsent } from '../../src/storage/consents/consents.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests, forEachTest } from '../support/for-all-tests.ts';
import { plantTree, run } from './tree.ts';

const database = forAllTests(openTestDatabase);
const tree = forEachTest(() => plantTree(database.db));

const read = 'database:read_branches';
const write = 'database:write_branches';
const demote = 'database:demote_branches';
const pair = () => ({ accountId: tree.dba, clientId: tree.app });

/** Decides about shop; `asked` is what this request is about. */
function decide(scope: string, includesProduction: boolean, asked = `${read} ${write} ${demote}`) {
  const scopes = parseScopeSet(scope);
  const shop = { level: 'database', id: tree.shop, scopes, seenProduction: undefined } as const;
  const picks = [{ ...shop, includesProduction }];
  return recordConsent(database.db, { ...pair(), asked, shown: [], picks });
}

async function entries(): Promise<string[]> {
  const consent = await findConsent(database.db, pair());
  const found = consent === undefined ? [] : await entriesOf(database.db, consent.id);
  return found
    .map(({ scopes, version, includesProduction }) => {
      const reach = includesProduction ? 'all' : 'no production';
      return `${reach}: ${formatScope(scopes)}@${version}`;
    })
    .toSorted();
}

async function offer(asked: string) {
  const search = { text: '', page: 0 };
  const request = { ...pair(), asked, isReview: true, search, choice: undefined };
  const page = await proposePage(database.db, request);
  const found = [...(page?.picked ?? []), ...(page?.found.items ?? [])].find(
    ({ resource }) => resource.level === 'database' && resource.database.id === tree.shop,
  );
  if (page === undefined || found === undefined) throw new Error('shop is not offered');
  const pick = page.choice.picks.find(({ id }) => id === tree.shop);
  return { scopes: found.scopes, includesProduction: pick?.includesProduction === true };
}

describe('what is decided', () => {
  test('stands with production or without', async () => {
    await decide(read, false);
    expect(await entries()).toEqual([`no production: ${read}@1`]);
  });

  test('holds nothing that acts on production branches alone where they are left out', async () => {
    await decide(`${read} ${demote}`, false);
    expect(await entries()).toEqual([`no production: ${read}@1`]);
    const refused = decide(demote, false, demote);
    await expect(refused).rejects.toMatchObject({ code: 'nothing_picked' });
  });

  test('reaches production later by a new entry, so that no token that is out widens', async () => {
    await decide(read, false);
    await decide(read, true);
    expect(await entries()).toEqual([`all: ${read}@2`, `no production: ${read}@1`]);
    await decide(read, true);
    expect(await entries()).toHaveLength(2);
  });

  test('leaves production at once, for tokens that are out too', async () => {
    await decide(`${read} ${demote}`, true);
    await decide(`${read} ${demote}`, false);
    expect(await entries()).toEqual([`no production: ${read}@1`]);
  });

  test('concerns the asked scopes alone', async () => {
    await decide(`${read} ${write}`, true);
    await decide(read, false, read);
    expect(await entries()).toEqual([`all: ${write}@1`, `no production: ${read}@1`]);
  });

  test('is no choice on a branch, which is picked for what it is', async () => {
    const scopes = parseScopeSet('branch:read_branch');
    const main = { level: 'branch', id: tree.main, scopes, seenProduction: true } as const;
    await recordConsent(database.db, {
      ...pair(),
      asked: 'branch:read_branch',
      shown: [],
      picks: [{ ...main, includesProduction: false }],
    });
    expect(await entries()).toEqual(['all: branch:read_branch@1']);
  });
});

describe('the page', () => {
  test('offers production unticked, and says which scopes need it', async () => {
    const { includesProduction, scopes } = await offer(`${read} ${demote}`);
    expect(includesProduction).toBe(false);
    expect(scopes.map((one) => [one.scope.scope, one.needsProduction])).toEqual([
      [read, false],
      [demote, true],
    ]);
  });

  test('shows what stands, for the asked scopes', async () => {
    await decide(read, true);
    expect((await offer(read)).includesProduction).toBe(true);
    expect((await offer(write)).includesProduction).toBe(false);
  });

  test('of the account lists it', async () => {
    await decide(read, false);
    const [given] = await listConsents(database.db, tree.dba);
    expect(given?.resources).toMatchObject([{ level: 'database', includesProduction: false }]);
  });
});

test('the audit trail says whether production is included', async () => {
  await decide(read, false);
  const rows = await run<{ after: object }>(
    database.db,
    'select after from audit_events where actor_account_id = $1 and organization_id = $2',
    tree.dba,
    tree.acme,
  );
  expect(rows).toMatchObject([{ after: { entries: [{ includes_production: false }] } }]);
});
