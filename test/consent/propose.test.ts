/** What the page offers: all that the user sees, what can be given there, and why not. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Level } from '../../src/catalogue/scope-rule.ts';
import { parseScopeSet } from '../../src/catalogue/scope-set.ts';
import type { ResourceOffer } from '../../src/consent/offers.ts';
import { type Proposal, type ProposalRequest, proposeConsent } from '../../src/consent/propose.ts';
import { recordConsent } from '../../src/consent/record.ts';
import { newId } from '../../src/lib/ids.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { insert, plantTree, run, type Tree } from './tree.ts';

let database: TestDatabase;
let tree: Tree;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  tree = await plantTree(database.db);
});

async function propose(asked: string, change: Partial<ProposalRequest> = {}): Promise<Proposal> {
  const request = { accountId: tree.member, clientId: tree.app, search: '', selection: undefined };
  const proposal = await proposeConsent(database.db, { ...request, asked, ...change });
  if (proposal === undefined) throw new Error('no such application');
  return proposal;
}

function record(picks: [Level, string, string][], asked: string, accountId = tree.member) {
  return recordConsent(database.db, {
    accountId,
    clientId: tree.app,
    asked,
    shown: [],
    picks: picks.map(([level, id, scope]) => {
      return {
        level,
        id,
        scopes: parseScopeSet(scope),
        seenProduction: undefined,
        includesProduction: true,
      };
    }),
  });
}

/** The tree as `organization > database > branch`. */
function outline({ organizations }: Proposal): string[] {
  return organizations.flatMap(({ organization, databases }) => [
    organization.name,
    ...databases.flatMap(({ database: { slug }, branches }) => [
      `${organization.name}/${slug}`,
      ...branches.map(({ branch }) => `${organization.name}/${slug}/${branch.slug}`),
    ]),
  ]);
}

function databaseOffer(proposal: Proposal, id: string): ResourceOffer | undefined {
  return proposal.organizations
    .flatMap(({ databases }) => databases)
    .find((one) => one.database.id === id)?.offer;
}

/** `scope state`, `+` for a ticked box. */
function boxes(offer: ResourceOffer | undefined): string[] {
  return (offer?.scopes ?? []).map(
    ({ scope, state, isTicked }) => `${isTicked ? '+' : '-'} ${scope.name} ${state}`,
  );
}

const read = 'database:read_branches';
const write = 'database:write_branches';
const members = 'database:write_members';

describe('the tree', () => {
  test('holds the organizations of the member, and only kinds of resource that are asked', async () => {
    const of = { accountId: tree.consultant };
    expect(outline(await propose('organization:read_databases', of))).toEqual(['Acme', 'Vault']);
    expect(outline(await propose(read))).toEqual(['Acme', 'Acme/analytics', 'Acme/shop']);
    expect(outline(await propose('branch:read_branch'))).toEqual([
      'Acme',
      'Acme/analytics',
      'Acme/analytics/main',
      'Acme/shop',
      'Acme/shop/main',
      'Acme/shop/staging',
    ]);
    expect(outline(await propose('openid user:read_user'))).toEqual([]);
    expect(outline(await propose(read, { accountId: tree.stranger }))).toEqual([]);
  });

  test('hides databases on which the member has no role at all', async () => {
    expect(outline(await propose(read, { accountId: tree.guest }))).toEqual(['Vault']);
    expect(outline(await propose(read, { accountId: tree.consultant }))).toContain('Vault/ledger');
    expect(outline(await propose(read, { accountId: tree.consultant }))).not.toContain(
      'Vault/secrets',
    );
  });

  test('hides an organization in which the member is suspended', async () => {
    const suspend = 'update organization_members set suspended_at = now() where account_id = $1';
    await run(database.db, suspend, tree.member);
    expect(outline(await propose(read))).toEqual([]);
  });
});

describe('what can be given', () => {
  test('follows the role, with the reason for what it does not give', async () => {
    const proposal = await propose(`${read} ${members}`);
    const offer = databaseOffer(proposal, tree.shop);
    expect(boxes(offer)).toEqual(['- write_members closed', '+ read_branches open']);
    expect(offer?.scopes[0]?.refusal).toMatchObject({
      reason: 'role_insufficient',
      roles: ['database_admin', 'organization_admin'],
    });
    const asAdministrator = await propose(`${read} ${members}`, { accountId: tree.dba });
    expect(boxes(databaseOffer(asAdministrator, tree.shop))[0]).toBe('+ write_members open');
    expect(boxes(databaseOffer(asAdministrator, tree.analytics))[0]).toBe('- write_members closed');
  });

  test('counts a role that comes through a team', async () => {
    const team = { team_id: newId(), organization_id: tree.acme };
    const about = { id: team.team_id, organization_id: tree.acme, slug: 'data', name: 'Data' };
    await insert(database.db, 'teams', about);
    await insert(database.db, 'team_databases', { ...team, database_id: tree.analytics });
    await insert(database.db, 'team_members', { ...team, account_id: tree.member });
    const proposal = await propose(members);
    expect(boxes(databaseOffer(proposal, tree.analytics))).toEqual(['+ write_members open']);
    expect(boxes(databaseOffer(proposal, tree.shop))).toEqual(['- write_members closed']);
  });

  test('on an organization follows the role on any one of its databases', async () => {
    const promote = 'organization:promote_branches';
    const offerOf = async (accountId: string) =>
      boxes((await propose(promote, { accountId })).organizations[0]?.offer);
    expect(await offerOf(tree.member)).toEqual(['- promote_branches closed']);
    expect(await offerOf(tree.dba)).toEqual(['+ promote_branches open']);
  });

  test('is nothing where the organization has not approved the application', async () => {
    const policy =
      "update organizations set application_policy = 'approval_required' where id = $1";
    await run(database.db, policy, tree.acme);
    const before = await propose(read);
    expect(before.organizations[0]?.awaitsApproval).toBe(true);
    expect(databaseOffer(before, tree.shop)?.scopes[0]?.refusal).toEqual({
      reason: 'organization_policy',
    });
    await insert(database.db, 'application_approvals', {
      organization_id: tree.acme,
      client_id: tree.app,
      scope: read,
      max_grant_seconds: 3600,
    });
    const after = await propose(`${read} ${write}`);
    expect(after.organizations[0]).toMatchObject({ awaitsApproval: false, maxGrantSeconds: 3600 });
    expect(boxes(databaseOffer(after, tree.shop))).toEqual([
      '+ read_branches open',
      '- write_branches closed',
    ]);
  });
});

describe('how the boxes stand', () => {
  test('at first nothing is picked but the own account, whose scopes need no choice', async () => {
    const proposal = await propose(`user:read_user ${read}`);
    expect(proposal.account?.isPicked).toBe(true);
    expect(databaseOffer(proposal, tree.shop)).toMatchObject({ isPicked: false, stands: false });
  });

  test('what stands is picked, what was left out is not ticked, what is new is', async () => {
    const asked = `user:read_user ${read} ${write}`;
    await record([['database', tree.shop, read]], asked);
    const proposal = await propose(`${asked} database:delete_branches`);
    const offer = databaseOffer(proposal, tree.shop);
    expect(offer).toMatchObject({ isPicked: true, stands: true });
    expect(boxes(offer)).toEqual([
      '+ read_branches open',
      '- write_branches open',
      '+ delete_branches open',
    ]);
    expect(databaseOffer(proposal, tree.analytics)?.isPicked).toBe(false);
    expect(proposal.account?.isPicked).toBe(false);
  });

  test('what the role does not give any more stays ticked, and says why it rests', async () => {
    await record([['database', tree.shop, members]], members, tree.dba);
    await run(database.db, 'delete from database_roles where account_id = $1', tree.dba);
    const offer = databaseOffer(await propose(members, { accountId: tree.dba }), tree.shop);
    expect(boxes(offer)).toEqual(['+ write_members kept']);
    expect(offer?.scopes[0]?.refusal?.reason).toBe('role_insufficient');
  });

  test('what was allowed to a branch of the other kind is not ticked', async () => {
    const asked = 'branch:read_branch branch:write_branch';
    await record([['branch', tree.staging, asked]], asked, tree.dba);
    await run(database.db, 'update branches set production = true where id = $1', tree.staging);
    const proposal = await propose(asked, { accountId: tree.dba });
    const staging = proposal.organizations
      .flatMap(({ databases }) => databases.flatMap(({ branches }) => branches))
      .find(({ branch }) => branch.id === tree.staging);
    expect(boxes(staging?.offer)).toEqual(['- write_branch open', '+ read_branch open']);
    expect(staging?.offer.scopes[0]?.isOfOtherKind).toBe(true);
  });

  test('drawn again, they are as the user left them', async () => {
    await record([['database', tree.shop, read]], `${read} ${write}`);
    const proposal = await propose(`${read} ${write}`, {
      selection: {
        picks: [
          {
            level: 'database',
            id: tree.analytics,
            scopes: parseScopeSet(write),
            seenProduction: undefined,
            includesProduction: true,
          },
        ],
        shown: [{ level: 'database', id: tree.shop }],
      },
    });
    expect(databaseOffer(proposal, tree.shop)?.isPicked).toBe(false);
    expect(databaseOffer(proposal, tree.analytics)?.isPicked).toBe(true);
    expect(boxes(databaseOffer(proposal, tree.analytics))).toEqual([
      '- read_branches open',
      '+ write_branches open',
    ]);
  });
});

describe('an organization of 10,000 databases', () => {
  beforeEach(async () => {
    await run(
      database.db,
      `insert into databases (id, organization_id, slug)
       select gen_random_uuid(), $1, 'db-' || lpad(n::text, 5, '0') from generate_series(1, 9998) n`,
      tree.acme,
    );
  });
  const named = async (slug: string) => {
    const text = 'select id from databases where organization_id = $1 and slug = $2';
    return (await run<{ id: string }>(database.db, text, tree.acme, slug))[0]?.id ?? newId();
  };

  test('shows 50 and how many are left', async () => {
    const [acme] = (await propose(read)).organizations;
    expect(acme?.databases.length).toBe(50);
    expect(acme?.databasesLeftOut).toBe(9950);
  });

  test('shows fewer when each has more boxes', async () => {
    const many = ['read', 'write', 'delete'].map((verb) => `branch:${verb}_backups`);
    const [acme] = (await propose(many.join(' '))).organizations;
    expect(acme?.databases.length).toBeLessThan(50);
    expect(acme?.databases.length).toBeGreaterThan(10);
  });

  test('finds one by a part of its name, in whatever case', async () => {
    const proposal = await propose(read, { search: ' DB-0777 ' });
    expect(outline(proposal)).toHaveLength(11);
    expect(proposal.organizations[0]?.databasesLeftOut).toBe(0);
  });

  test('finds a branch by database/branch', async () => {
    const proposal = await propose('branch:read_branch', { search: 'shop/stag' });
    expect(outline(proposal)).toEqual(['Acme', 'Acme/shop', 'Acme/shop/staging']);
  });

  test('shows what stands and what is picked, wherever it is in the list', async () => {
    const [standing, picked] = [await named('db-09000'), await named('db-09001')];
    await record([['database', standing, read]], read);
    const pick = { level: 'database', id: picked, scopes: parseScopeSet(read) } as const;
    const selection = {
      picks: [{ ...pick, seenProduction: undefined, includesProduction: true }],
      shown: [],
    };

    const first = await propose(read);
    expect(databaseOffer(first, standing)?.isPicked).toBe(true);
    const found = await propose(read, { search: 'analytics', selection });
    expect(outline(found)).toEqual(['Acme', 'Acme/analytics', 'Acme/db-09001']);
  });
});

test('of many organizations the page shows 20, those with something standing first', async () => {
  const organizations = Array.from({ length: 25 }, (_none, n) => {
    const id = newId();
    return { id, slug: `zz-${id.slice(0, 8)}`, name: `Org ${n}`, base_role: 'member' };
  });
  await insert(database.db, 'organizations', ...organizations);
  for (const { id } of organizations) {
    const member = { organization_id: id, account_id: tree.member };
    await insert(database.db, 'organization_members', member);
  }
  const last = organizations
    .map(({ slug, id }) => ({ slug, id }))
    .sort((a, b) => (a.slug < b.slug ? 1 : -1))[0];
  const asked = 'organization:read_organization';
  await record([['organization', last?.id ?? '', asked]], asked);

  const proposal = await propose(asked);
  expect(proposal.organizations).toHaveLength(20);
  expect(proposal.organizationsLeftOut).toBe(6);
  expect(proposal.organizations.map(({ organization }) => organization.id)).toContain(last?.id);
});
