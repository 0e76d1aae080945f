/** What an application wishes: read strictly, and worth no more than ticks that the user can undo. */

import { describe, expect, test } from 'vitest';
import { formatScope, parseScopeSet } from '../../src/catalogue/scope-set.ts';
import { entryResourceOf, loadGrantabilityFacts } from '../../src/consent/grantability.ts';
import { preselect } from '../../src/consent/preselect.ts';
import { readPreselection } from '../../src/consent/preselection.ts';
import { recordConsent } from '../../src/consent/record.ts';
import { printId } from '../../src/lib/ids.ts';
import { findApplication } from '../../src/storage/clients/client-list.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests, forEachTest } from '../support/for-all-tests.ts';
import { plantTree, run } from './tree.ts';

const read = 'database:read_branches';
const write = 'database:write_branches';
const readBranch = 'branch:read_branch';
const scope = `openid ${read} ${write} ${readBranch}`;

const wish = (...elements: object[]) => ({
  scope,
  authorization_details: JSON.stringify(elements),
});
const usher = (change: object) => ({ type: 'usher', ...change });

describe('reading', () => {
  test.each<[string, string]>([
    ['no JSON', '{'],
    ['no array', '{"type":"usher"}'],
    ['no objects', '["usher"]'],
    ['null', '[null]'],
    ['another type', '[{"type":"payment","identifier":"acme"}]'],
    ['no type', '[{"identifier":"acme"}]'],
    ['no identifier', '[{"type":"usher"}]'],
    ['an unknown member', '[{"type":"usher","identifier":"acme","amount":1}]'],
    ['a member of Object', '[{"type":"usher","identifier":"acme","constructor":1}]'],
    ['actions that are no list', `[{"type":"usher","identifier":"acme","actions":"${read}"}]`],
    ['actions beyond scope', '[{"type":"usher","identifier":"a","actions":["user:read_user"]}]'],
    ['unknown actions', '[{"type":"usher","identifier":"a","actions":["fly"]}]'],
    [
      'another level than the identifier’s',
      '[{"type":"usher","level":"branch","identifier":"acme"}]',
    ],
    ['too many', JSON.stringify(Array(51).fill(usher({ identifier: 'acme' })))],
  ])('authorization_details with %s is refused', (_what, text) => {
    expect(() => readPreselection({ scope, authorization_details: text })).toThrow(
      /^authorization_details /,
    );
  });

  test('what a token answer says can be sent back', () => {
    const byPath = {
      ...usher({ level: 'database', path: 'organizations/acme/databases/shop' }),
      production: true,
      actions: [read],
    };
    expect(readPreselection(wish(byPath)).resources).toMatchObject([
      { level: 'database', scopes: parseScopeSet(read) },
    ]);
    const identifier = printId('database', '00000000-0000-4000-8000-000000000000');
    expect(readPreselection(wish({ ...byPath, identifier })).resources).toMatchObject([
      { path: { database: { id: '00000000-0000-4000-8000-000000000000' } } },
    ]);
  });

  test.each([
    [{ organization: 'acme' }, 'organization', ['acme']],
    [{ database: 'acme/shop' }, 'database', ['acme', 'shop']],
    [{ organization: 'acme', database: 'shop' }, 'database', ['acme', 'shop']],
    [
      { organization: 'acme', database: 'shop', branch: 'main' },
      'branch',
      ['acme', 'shop', 'main'],
    ],
    [
      { branch: 'organizations/acme/databases/shop/branches/main' },
      'branch',
      ['acme', 'shop', 'main'],
    ],
    [{ organization: 'acme', branch: 'acme/shop/main' }, 'branch', ['acme', 'shop', 'main']],
  ])('%j', (parameters, level, slugs) => {
    const [found] = readPreselection({ scope, ...parameters }).resources;
    const { organization, database, branch } = found?.path ?? {};
    expect(found?.level).toBe(level);
    const named = [organization?.slug, database?.slug, branch?.slug];
    expect(named.filter((slug) => slug !== undefined)).toEqual(slugs);
  });

  test('names that nothing can have are as of what is not there', () => {
    for (const database of ['Ä', '../..', 'a/b/c/d', 'db_1', '\0', 'x'.repeat(5000)]) {
      expect(readPreselection({ scope, database })).toEqual({ resources: [], isSingle: false });
    }
    expect(readPreselection({ scope, single_resource: 'true' }).isSingle).toBe(true);
  });
});

describe('for a user', () => {
  const database = forAllTests(openTestDatabase);
  const tree = forEachTest(() => plantTree(database.db));

  async function preselected(parameters: object, clientId = tree.app) {
    const { db } = database;
    const application = await findApplication(db, clientId, tree.dba);
    if (application === undefined) throw new Error('no application');
    const asked = parseScopeSet(scope);
    const facts = await loadGrantabilityFacts(db, tree.dba, application, [tree.acme, tree.vault]);
    const wished = readPreselection({ scope, ...parameters });
    const { ticked, first } = await preselect(db, tree.dba, wished, { asked, facts });
    const told = Array.from(ticked, ([key, scopes]) => `${key} ${formatScope(scopes)}`);
    return { ticked: told, first: first.map((one) => entryResourceOf(one).id) };
  }

  test('a vouched application gets ticked what it wishes, never production', async () => {
    const wished = wish(
      usher({ identifier: printId('database', tree.shop), actions: [read], production: true }),
      usher({ identifier: printId('branch', tree.main) }),
      usher({ identifier: printId('branch', tree.staging) }),
    );
    expect(await preselected(wished)).toEqual({
      ticked: [`database ${tree.shop} ${read}`, `branch ${tree.staging} ${readBranch}`],
      first: [tree.shop, tree.main, tree.staging],
    });
  });

  test('one that registered itself gets it listed first, until an operator verified it', async () => {
    const wished = { database: printId('database', tree.shop) };
    expect(await preselected(wished, tree.wild)).toEqual({ ticked: [], first: [tree.shop] });
    await run(database.db, 'update clients set is_verified = true where id = $1', tree.wild);
    expect((await preselected(wished, tree.wild)).ticked).toHaveLength(1);
  });

  test('unknown and unreachable look alike', async () => {
    const unreachable = printId('database', tree.ledger);
    const unknown = unreachable.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
    for (const name of [unreachable, unknown, 'vault/ledger', 'acme/nowhere']) {
      expect(await preselected({ database: name })).toEqual({ ticked: [], first: [] });
    }
  });

  test('an application of one resource gets one ticked, and no more is taken', async () => {
    const ids = [tree.shop, tree.analytics];
    const elements = ids.map((id) => usher({ identifier: printId('database', id) }));
    const { ticked, first } = await preselected({ ...wish(...elements), single_resource: 'true' });
    expect([ticked.length, first.length]).toEqual([1, 2]);
    const scopes = parseScopeSet(read);
    const picks = ids.map((id) => ({
      ...({ level: 'database', id, scopes, seenProduction: undefined } as const),
      includesProduction: false,
    }));
    const pair = { accountId: tree.dba, clientId: tree.app };
    await expect(
      recordConsent(database.db, { ...pair, asked: scope, shown: [], picks, isSingle: true }),
    ).rejects.toMatchObject({ code: 'several_resources' });
  });
});
