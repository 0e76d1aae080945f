/** A consent is stored as the user decided, as far as roles and policies go, or not at all. */

import { beforeEach, describe, expect, test } from 'vitest';
import type { Level } from '../../src/catalogue/scope-rule.ts';
import { formatScope, parseScopeSet } from '../../src/catalogue/scope-set.ts';
import type { ConsentRefusalCode } from '../../src/consent/consent-refused-error.ts';
import { consentedScope, issuedScope } from '../../src/consent/consented-scope.ts';
import type { PickedResource } from '../../src/consent/picked-resource.ts';
import { recordConsent } from '../../src/consent/record.ts';
import { withdrawConsent } from '../../src/consent/withdraw.ts';
import { newId } from '../../src/lib/ids.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { insert, plantTree, run, type Tree } from './tree.ts';

const database = forAllTests(openTestDatabase);
let tree: Tree;

beforeEach(async () => {
  tree = await plantTree(database.db);
});

function pick(level: Level, id: string, scope: string, seenProduction?: boolean): PickedResource {
  return { level, id, scopes: parseScopeSet(scope), seenProduction, includesProduction: true };
}

const onDatabase = (id: string, scope: string) => pick('database', id, scope);
const asked = 'openid database:read_branches database:delete_branches database:write_branches';
const read = 'database:read_branches';
const remove = 'database:delete_branches';
const write = 'database:write_branches';

interface Change {
  accountId?: string;
  clientId?: string;
  asked?: string;
  shown?: { level: Level; id: string }[];
}

function record(picks: PickedResource[], change: Change = {}) {
  const { member: accountId, app: clientId } = tree;
  return recordConsent(database.db, { accountId, clientId, asked, shown: [], ...change, picks });
}

async function refusal(work: Promise<unknown>): Promise<ConsentRefusalCode | undefined> {
  return work.then(
    () => undefined,
    (error) => error.code,
  );
}

/** The entries of the pair, `resource scope@version`, in the order they were made. */
async function entries(accountId = tree.member, clientId = tree.app): Promise<string[]> {
  const rows = await run<{ slug: string; scope: string; version: number; production: boolean }>(
    database.db,
    `select coalesce(b.slug, d.slug, o.name, 'user') as slug, e.scope, e.version, e.production
       from consents c join consent_entries e on e.consent_id = c.id
       left join organizations o on o.id = e.organization_id
       left join databases d on d.id = e.database_id
       left join branches b on b.id = e.branch_id
      where c.account_id = $1 and c.client_id = $2 order by 1, e.version, e.production`,
    accountId,
    clientId,
  );
  const kind = (production: boolean | null) =>
    production === null ? '' : production ? ' production' : ' development';
  return rows.map((row) => `${row.slug}${kind(row.production)} ${row.scope}@${row.version}`);
}

function pairOf(accountId = tree.member, clientId = tree.app) {
  return { accountId, clientId };
}

describe('what was decided stands', () => {
  test('each resource with its own scopes', async () => {
    const recorded = await record([
      onDatabase(tree.shop, `${read} ${write}`),
      onDatabase(tree.analytics, read),
    ]);
    expect(recorded.version).toBe(1);
    expect(await entries()).toEqual([
      'analytics database:read_branches@1',
      'shop database:read_branches database:write_branches@1',
    ]);
  });

  test('on every level at once, a branch with its kind', async () => {
    const all =
      'user:read_user organization:read_databases database:read_branches branch:read_branch';
    await record(
      [
        pick('user', tree.member, 'user:read_user'),
        pick('organization', tree.acme, 'organization:read_databases'),
        onDatabase(tree.shop, read),
        pick('branch', tree.main, 'branch:read_branch', true),
        pick('branch', tree.staging, 'branch:read_branch', false),
      ],
      { asked: all },
    );
    expect(await entries()).toEqual([
      'Acme organization:read_databases@1',
      'main production branch:read_branch@1',
      'shop database:read_branches@1',
      'staging development branch:read_branch@1',
      'user user:read_user@1',
    ]);
  });

  test('a new token is issued with what stands somewhere, and with OpenID scopes agreed to', async () => {
    await record([onDatabase(tree.shop, read), onDatabase(tree.analytics, write)]);
    const consented = await consentedScope(database.db, pairOf());
    expect(consented?.version).toBe(1);
    if (consented === undefined) throw new Error('no consent');
    expect(issuedScope(asked, consented)).toBe(`openid ${read} ${write}`);
    expect(issuedScope(`openid email ${remove}`, consented)).toBe('openid');
  });

  test('only OpenID scopes asked: nothing to pick', async () => {
    await record([], { asked: 'openid email' });
    const consented = await consentedScope(database.db, pairOf());
    expect(consented && issuedScope('openid email', consented)).toBe('openid email');
    expect(await entries()).toEqual([]);
  });

  test('a picked resource without a ticked scope counts as not picked', async () => {
    await record([onDatabase(tree.shop, read), onDatabase(tree.analytics, '')]);
    expect(await entries()).toEqual(['shop database:read_branches@1']);
  });
});

describe('consenting again', () => {
  test('what is added stands in a new entry, so that no token that is out widens', async () => {
    await record([onDatabase(tree.shop, read)]);
    await record([onDatabase(tree.shop, `${read} ${write}`)]);
    expect(await entries()).toEqual([
      'shop database:read_branches@1',
      'shop database:write_branches@2',
    ]);
  });

  test('what is unticked is gone from the entry at once, whose version stays', async () => {
    await record([onDatabase(tree.shop, `${read} ${write}`)]);
    await record([onDatabase(tree.shop, read)]);
    expect(await entries()).toEqual(['shop database:read_branches@1']);
  });

  test('scopes that are not asked this time are kept', async () => {
    await record([onDatabase(tree.shop, `${read} ${write}`)]);
    await record([onDatabase(tree.analytics, read)], {
      asked: read,
      shown: [{ level: 'database', id: tree.shop }],
    });
    expect(await entries()).toEqual([
      'analytics database:read_branches@2',
      'shop database:write_branches@1',
    ]);
  });

  test('a resource that was shown and is not picked loses the asked scopes', async () => {
    await record([onDatabase(tree.shop, read), onDatabase(tree.analytics, read)]);
    await record([onDatabase(tree.analytics, read)], {
      shown: [tree.shop, tree.analytics].map((id) => ({ level: 'database', id })),
    });
    expect(await entries()).toEqual(['analytics database:read_branches@1']);
  });

  test('a resource that was not shown keeps what it has', async () => {
    await record([onDatabase(tree.shop, read)]);
    await record([onDatabase(tree.analytics, read)]);
    expect(await entries()).toEqual([
      'analytics database:read_branches@2',
      'shop database:read_branches@1',
    ]);
  });

  test('asked scopes add up', async () => {
    await record([onDatabase(tree.shop, read)], { asked: `openid ${read}` });
    await record([onDatabase(tree.shop, write)], { asked: `email ${write}` });
    const consented = await consentedScope(database.db, pairOf());
    expect(consented?.asked.openid).toEqual(['openid', 'email']);
    expect(formatScope(consented?.asked.scopes ?? parseScopeSet(''))).toBe(`${read} ${write}`);
  });

  test('what the role does not give any more can be kept or unticked, not added', async () => {
    const delegated = {
      accountId: tree.dba,
      asked: 'database:write_members database:read_members',
    };
    const both = 'database:write_members database:read_members';
    await record([onDatabase(tree.shop, both)], delegated);
    await run(database.db, 'delete from database_roles where account_id = $1', tree.dba);

    await record([onDatabase(tree.shop, both)], delegated);
    expect(await entries(tree.dba)).toEqual([
      'shop database:write_members database:read_members@1',
    ]);
    await record([onDatabase(tree.shop, 'database:read_members')], delegated);
    expect(await entries(tree.dba)).toEqual(['shop database:read_members@1']);
    expect(await refusal(record([onDatabase(tree.shop, both)], delegated))).toBe(
      'scope_not_grantable',
    );
  });
});

describe('branches that change their kind', () => {
  const branchScopes = { asked: 'branch:read_branch branch:write_branch' };
  const both = 'branch:read_branch branch:write_branch';

  test('picked again under the new kind, the branch has an entry for each kind', async () => {
    const of = { ...branchScopes, accountId: tree.dba };
    await record([pick('branch', tree.staging, both, false)], of);
    await run(database.db, 'update branches set production = true where id = $1', tree.staging);
    await record([pick('branch', tree.staging, 'branch:read_branch', true)], of);
    expect(await entries(tree.dba)).toEqual([
      'staging development branch:read_branch@1',
      'staging production branch:read_branch@2',
    ]);
  });

  test('promoted while the page was open: refused', async () => {
    const work = record([pick('branch', tree.main, 'branch:read_branch', false)], branchScopes);
    expect(await refusal(work)).toBe('branch_changed');
    expect(await entries()).toEqual([]);
  });
});

describe('a tampered form is refused and nothing of it is stored', () => {
  const good = () => onDatabase(tree.shop, read);

  test.each<[ConsentRefusalCode, string, () => PickedResource[], (() => Change)?]>([
    [
      'resource_unknown',
      'a database of a foreign organization',
      () => [onDatabase(tree.ledger, read)],
    ],
    ['resource_unknown', 'an organization of others', () => [pick('organization', tree.vault, '')]],
    ['resource_unknown', 'a foreign branch', () => [pick('branch', tree.ledgerMain, '')]],
    ['resource_unknown', 'an id of nothing', () => [onDatabase(newId(), read)]],
    ['resource_unknown', "another user's account", () => [pick('user', tree.admin, '')]],
    ['resource_unknown', 'an id under the wrong kind', () => [pick('organization', tree.shop, '')]],
    [
      'resource_unknown',
      'a database without a role on it, where the base role is none',
      () => [onDatabase(tree.ledger, read)],
      () => ({ accountId: tree.guest }),
    ],
    [
      'scope_not_asked',
      'a scope not asked for',
      () => [onDatabase(tree.shop, 'database:read_backups')],
    ],
    [
      'scope_not_asked',
      'a scope of another level',
      () => [pick('organization', tree.acme, 'organization:read_branches')],
    ],
    [
      'scope_not_grantable',
      'a scope that the role does not give',
      () => [onDatabase(tree.shop, 'database:write_members')],
      () => ({ asked: `${read} database:write_members` }),
    ],
    ['nothing_picked', 'nothing at all', () => []],
  ])('%s: %s', async (code, _what, picks, change) => {
    const options = change?.() ?? {};
    const extra = code === 'nothing_picked' || options.accountId ? [] : [good()];
    expect(await refusal(record([...extra, ...picks()], options))).toBe(code);
    expect(await run(database.db, 'select 1 from consents where client_id = $1', tree.app)).toEqual(
      [],
    );
    const events = 'select 1 from audit_events where actor_client_id = $1';
    expect(await run(database.db, events, tree.app)).toEqual([]);
  });

  test('a refused change leaves what stood', async () => {
    await record([good()]);
    await refusal(record([onDatabase(tree.shop, `${read} ${write}`), onDatabase(newId(), read)]));
    expect(await entries()).toEqual(['shop database:read_branches@1']);
  });

  test('a suspended member can consent to nothing there', async () => {
    await run(
      database.db,
      'update organization_members set suspended_at = now() where account_id = $1',
      tree.member,
    );
    expect(await refusal(record([good()]))).toBe('resource_unknown');
  });

  test('a role lost between page and submit', async () => {
    const of = { accountId: tree.dba, asked: 'database:write_members' };
    await run(database.db, 'delete from database_roles where account_id = $1', tree.dba);
    const work = record([onDatabase(tree.shop, 'database:write_members')], of);
    expect(await refusal(work)).toBe('scope_not_grantable');
  });
});

describe('an organization that approves applications', () => {
  beforeEach(() =>
    run(
      database.db,
      "update organizations set application_policy = 'approval_required' where id = any($1::uuid[])",
      [tree.acme, tree.vault],
    ),
  );
  const approve = (ceiling: object) =>
    insert(database.db, 'application_approvals', {
      organization_id: tree.acme,
      client_id: tree.app,
      ...ceiling,
    });

  test('gives nothing before it has approved', async () => {
    expect(await refusal(record([onDatabase(tree.shop, read)]))).toBe('scope_not_grantable');
  });

  test('gives what it approved, and nothing above', async () => {
    await approve({ scope: read });
    expect(await refusal(record([onDatabase(tree.shop, `${read} ${write}`)]))).toBe(
      'scope_not_grantable',
    );
    await record([onDatabase(tree.shop, read)]);
    expect(await entries()).toEqual(['shop database:read_branches@1']);
  });

  test('may keep its production branches out', async () => {
    await approve({ production: false });
    const change = { asked: 'branch:read_branch' };
    expect(await refusal(record([pick('branch', tree.main, 'branch:read_branch')], change))).toBe(
      'scope_not_grantable',
    );
    await record([pick('branch', tree.staging, 'branch:read_branch')], change);
    expect(await entries()).toEqual(['staging development branch:read_branch@1']);
  });

  test('needs to approve nothing for its own applications', async () => {
    await record([onDatabase(tree.ledger, read)], { accountId: tree.consultant });
    expect(await entries(tree.consultant)).toEqual(['ledger database:read_branches@1']);
  });
});

test('two records of one pair at once: one after the other, both stand', async () => {
  const picks = [tree.shop, tree.analytics].map((id) => onDatabase(id, read));
  const recorded = await Promise.all([...picks, ...picks, ...picks].map((one) => record([one])));
  expect(recorded.map(({ version }) => version).sort()).toEqual([1, 2, 3, 4, 5, 6]);
  expect(new Set(recorded.map(({ consentId }) => consentId)).size).toBe(1);
  expect((await entries()).map((entry) => entry.replace(/@\d$/, ''))).toEqual([
    'analytics database:read_branches',
    'shop database:read_branches',
  ]);
});

test('a record and the removal of the member at once: no entry outlives the membership', async () => {
  for (let round = 0; round < 10; round += 1) {
    tree = await plantTree(database.db);
    const removal = 'delete from organization_members where account_id = $1';
    await Promise.all([
      refusal(record([onDatabase(tree.shop, read), onDatabase(tree.analytics, read)])),
      run(database.db, removal, tree.member),
    ]);
    expect(await entries()).toEqual([]);
  }
});

test('withdrawn, the consent takes its entries and grants along; a second time there is none', async () => {
  const { consentId } = await record([onDatabase(tree.shop, read)]);
  await insert(database.db, 'grants', {
    id: tree.app,
    consent_id: consentId,
    account_id: tree.member,
    client_id: tree.app,
    payload: {},
    expires_at: new Date('2030-01-01'),
  });
  expect(await withdrawConsent(database.db, pairOf())).toBe(true);
  expect(await consentedScope(database.db, pairOf())).toBeUndefined();
  expect(await entries()).toEqual([]);
  expect(await run(database.db, 'select 1 from grants where id = $1', tree.app)).toEqual([]);
  expect(await withdrawConsent(database.db, pairOf())).toBe(false);
});

describe('the audit trail', () => {
  interface Event {
    action: string;
    organization_id: string | null;
    before: { entries: { resource: string; scope: string }[] } | null;
    after: { entries: { resource: string; scope: string }[]; asked_scope?: string } | null;
    address: string | null;
  }
  const events = () =>
    run<Event>(
      database.db,
      `select action, organization_id, before, after, address from audit_events
        where actor_account_id = $1 order by id`,
      tree.consultant,
    );

  test('tells the user everything, and each organization its own part', async () => {
    const all = `user:read_user ${read}`;
    await recordConsent(database.db, {
      ...pairOf(tree.consultant),
      asked: all,
      shown: [],
      picks: [
        pick('user', tree.consultant, 'user:read_user'),
        onDatabase(tree.shop, read),
        onDatabase(tree.ledger, read),
      ],
      origin: { address: '192.0.2.1', userAgent: 'test' },
    });
    const [own, ...others] = await events();
    expect(own).toMatchObject({
      action: 'consent.recorded',
      organization_id: null,
      after: { asked_scope: all, entries: [{ scope: 'user:read_user' }] },
      address: '192.0.2.1',
    });
    expect(others.map((event) => event.organization_id).sort()).toEqual(
      [tree.acme, tree.vault].sort(),
    );
    for (const event of others) expect(event.after?.entries).toHaveLength(1);
  });

  test('an organization in which nothing changed hears nothing', async () => {
    const change = { accountId: tree.consultant };
    await record([onDatabase(tree.shop, read), onDatabase(tree.ledger, read)], change);
    await record([onDatabase(tree.shop, `${read} ${write}`)], change);
    const about = (await events()).map((event) => event.organization_id);
    expect(about.slice(3)).toEqual([null, tree.acme]);
  });

  test('tells of a withdrawal', async () => {
    await record([onDatabase(tree.ledger, read)], { accountId: tree.consultant });
    await withdrawConsent(database.db, pairOf(tree.consultant));
    expect((await events()).map(({ action }) => action)).toEqual([
      'consent.recorded',
      'consent.recorded',
      'consent.withdrawn',
      'consent.withdrawn',
    ]);
  });
});
