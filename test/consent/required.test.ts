/** Required scopes: what an application needs must be given somewhere; the rest can be left out. */

import { describe, expect, test } from 'vitest';
import { formatScope, parseScopeSet } from '../../src/catalogue/scope-set.ts';
import { loadPageBase } from '../../src/consent/page-base.ts';
import { recordConsent } from '../../src/consent/record.ts';
import { outOfReachDescription } from '../../src/consent/required.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests, forEachTest } from '../support/for-all-tests.ts';
import { plantTree, run } from './tree.ts';

const database = forAllTests(openTestDatabase);
const tree = forEachTest(() => plantTree(database.db));

const read = 'database:read_branches';
const write = 'database:write_branches';
const members = 'database:write_members';
const asked = `${read} ${write} ${members}`;

const need = (scope: string, client = tree.app) =>
  run(
    database.db,
    `update clients set metadata = metadata || jsonb_build_object('requiredScope', $2::text) where id = $1`,
    client,
    scope,
  );

function give(
  scope: string,
  change: { accountId?: string; clientId?: string; asked?: string } = {},
) {
  const shop = { level: 'database', id: tree.shop, scopes: parseScopeSet(scope) } as const;
  return recordConsent(database.db, {
    ...{ accountId: tree.dba, clientId: tree.app, asked, ...change },
    picks: [{ ...shop, seenProduction: undefined, includesProduction: false }],
    shown: [],
  });
}

async function propose(accountId: string, clientId = tree.app) {
  const request = { accountId, clientId, asked, isReview: false };
  const proposal = await loadPageBase(database.db, request);
  if (proposal === undefined) throw new Error('no application');
  return proposal;
}

describe('a required scope', () => {
  test('cannot be left out, and everything else can', async () => {
    await need(write);
    await expect(give(read)).rejects.toMatchObject({ code: 'required_missing', scopes: [write] });
    expect(await give(write)).toMatchObject({ version: 1 });
  });

  test('counts where it stands from before', async () => {
    await need(write);
    await give(write);
    const other = { level: 'database', id: tree.analytics, scopes: parseScopeSet(read) } as const;
    const picks = [{ ...other, seenProduction: undefined, includesProduction: false }];
    const pair = { accountId: tree.dba, clientId: tree.app };
    await recordConsent(database.db, { ...pair, asked, picks, shown: [] });
  });

  test('counts only in a request that asks for it', async () => {
    await need(write);
    expect(await give(read, { asked: read })).toMatchObject({ version: 1 });
  });

  test('that the role gives nowhere is said at once, with what it would take', async () => {
    await need(`${read} ${members}`);
    const { required, outOfReach } = await propose(tree.member);
    expect(formatScope(required)).toBe(`${members} ${read}`);
    expect(outOfReach).toMatchObject([
      {
        scope: members,
        refusal: { reason: 'role_insufficient' },
        organization: { name: 'Acme' },
      },
    ]);
    expect(outOfReachDescription(outOfReach)).toMatch(/^[ -~]+: database:write_members$/);
    expect((await propose(tree.dba)).outOfReach).toEqual([]);
    expect((await propose(tree.stranger)).outOfReach).toMatchObject([
      { scope: members, refusal: undefined },
      { scope: read, refusal: undefined },
    ]);
  });

  test('of an application that nobody verified is none where it is dangerous', async () => {
    await need(`${read} ${members}`, tree.wild);
    expect(formatScope((await propose(tree.dba, tree.wild)).required)).toBe(read);
    await run(database.db, 'update clients set is_verified = true where id = $1', tree.wild);
    expect(formatScope((await propose(tree.dba, tree.wild)).required)).toBe(`${members} ${read}`);
  });
});
