/** An organization's longest age of entries: what is older rests until it is consented to again. */

import { beforeEach, describe, expect, test } from 'vitest';
import { emptySet, formatScope, parseScopeSet } from '../../src/catalogue/scope-set.ts';
import { consentedScope } from '../../src/consent/consented-scope.ts';
import { listConsents } from '../../src/consent/list.ts';
import { isPageNeeded } from '../../src/consent/needed.ts';
import { proposePage } from '../../src/consent/page.ts';
import { recordConsent } from '../../src/consent/record.ts';
import { entriesOf } from '../../src/storage/consents/consent-entries.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests, forEachTest } from '../support/for-all-tests.ts';
import { plantTree, run } from './tree.ts';

const database = forAllTests(openTestDatabase);
const tree = forEachTest(() => plantTree(database.db));

const read = 'database:read_branches';
const write = 'database:write_branches';
const pair = () => ({ accountId: tree.dba, clientId: tree.app });

/** Decides about shop. */
function decide(scope: string, asked = scope) {
  const scopes = parseScopeSet(scope);
  const shop = { level: 'database', id: tree.shop, scopes, seenProduction: undefined } as const;
  const picks = [{ ...shop, includesProduction: true }];
  return recordConsent(database.db, { ...pair(), asked, shown: [], picks });
}

async function passDays(days: number): Promise<void> {
  const age = `update consent_entries set consented_at = consented_at - $2 * interval '1 day'
    where consent_id in (select id from consents where client_id = $1)`;
  await run(database.db, age, tree.app, days);
}

function limit(days: number | null) {
  const set = 'update organizations set max_entry_days = $2 where id = $1';
  return run(database.db, set, tree.acme, days);
}

async function isAskedAgain(asked: string): Promise<boolean> {
  const consented = await consentedScope(database.db, pair());
  return isPageNeeded({ asked, consented, clientIsPublic: false, required: emptySet });
}

async function entries(): Promise<string[]> {
  const consented = await consentedScope(database.db, pair());
  const found = await entriesOf(database.db, consented?.consentId ?? '');
  return found
    .map(({ scopes, version, rests }) => {
      return `${formatScope(scopes)}@${version} ${rests ? 'rests' : 'awake'}`;
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
  if (found === undefined) throw new Error('shop is not offered');
  return found;
}

describe('what is older than its organization lets it grow', () => {
  beforeEach(async () => {
    await decide(`${read} ${write}`);
    await passDays(30);
  });

  test('rests from that day on, as long as the organization says so', async () => {
    expect(await entries()).toEqual([`${read} ${write}@1 awake`]);
    await limit(31);
    expect(await entries()).toEqual([`${read} ${write}@1 awake`]);
    await limit(30);
    expect(await entries()).toEqual([`${read} ${write}@1 rests`]);
    await limit(null);
    expect(await entries()).toEqual([`${read} ${write}@1 awake`]);
  });

  test('brings the page back when it is asked', async () => {
    expect(await isAskedAgain(read)).toBe(false);
    await limit(30);
    expect(await isAskedAgain(read)).toBe(true);
    await decide(`${read} ${write}`);
    expect(await isAskedAgain(read)).toBe(false);
  });

  test('asks nothing of a suspended member, who cannot consent there', async () => {
    await limit(30);
    const suspend = 'update organization_members set suspended_at = now() where account_id = $1';
    await run(database.db, suspend, tree.dba);
    expect(await isAskedAgain(read)).toBe(false);
  });

  test('is offered as resting, with the reason', async () => {
    expect((await offer(read)).scopes).toMatchObject([{ isTooOld: false }]);
    await limit(30);
    const { awake, isAllowed, scopes } = await offer(read);
    expect({ awake: formatScope(awake), isAllowed }).toEqual({ awake: '', isAllowed: true });
    expect(scopes).toMatchObject([{ state: 'open', isTooOld: true, isOfOtherKind: false }]);
  });

  test('is listed as resting', async () => {
    await limit(30);
    const [given] = await listConsents(database.db, tree.dba);
    const resting = given?.resources.map((one) => one.resting.map(({ scope }) => scope));
    expect(resting).toEqual([[read, write]]);
  });

  test('is young again, under its version, once it is picked again', async () => {
    await limit(30);
    await decide(`${read} ${write}`);
    expect(await entries()).toEqual([`${read} ${write}@1 awake`]);
    await passDays(29);
    expect(await entries()).toEqual([`${read} ${write}@1 awake`]);
  });

  test('goes on resting as far as it was not asked', async () => {
    await limit(30);
    await decide(read);
    expect(await entries()).toEqual([`${read}@1 awake`, `${write}@1 rests`]);
    await decide(`${read} ${write}`);
    expect(await entries()).toEqual([`${read}@1 awake`, `${write}@1 awake`]);
  });

  test('is no younger for what another resource was picked for', async () => {
    await limit(30);
    const scopes = parseScopeSet(read);
    const analytics = { level: 'database', id: tree.analytics, scopes } as const;
    const picks = [{ ...analytics, seenProduction: undefined, includesProduction: false }];
    await recordConsent(database.db, { ...pair(), asked: read, shown: [], picks });
    expect(await entries()).toEqual([`${read} ${write}@1 rests`, `${read}@2 awake`].toSorted());
  });
});
