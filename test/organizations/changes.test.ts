/** What the use cases change, beyond who may: roles, removal, production branches, deletion. */

import { describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import {
  deleteBranch,
  demoteBranch,
  promoteBranch,
  renameBranch,
} from '../../src/organizations/branches.ts';
import { createOrganization } from '../../src/organizations/create-organization.ts';
import {
  giveDatabaseRole,
  stepDown,
  takeDatabaseRole,
} from '../../src/organizations/database-people.ts';
import { createDatabase, deleteDatabase } from '../../src/organizations/databases.ts';
import { deleteAccount } from '../../src/organizations/delete-account.ts';
import { effectiveAccess } from '../../src/organizations/effective-access.ts';
import {
  changeMemberRole,
  leaveOrganization,
  reinstateMember,
  removeMember,
  suspendMember,
} from '../../src/organizations/members.ts';
import { deleteOrganization } from '../../src/organizations/organization-settings.ts';
import { addTeamMember } from '../../src/organizations/team-contents.ts';
import { statement, type Work } from '../../src/storage/engine/database.ts';
import { findMember, insertMember } from '../../src/storage/people/members.ts';
import { findAccessSources } from '../../src/storage/tree/access-sources.ts';
import { databaseRolesOf } from '../../src/storage/tree/databases.ts';
import { findOrganization } from '../../src/storage/tree/organizations.ts';
import { openDb } from '../support/database.ts';
import { forAllTests, forEachTest } from '../support/for-all-tests.ts';
import {
  byToken,
  freshSlug,
  inSession,
  makeAccount,
  makeService,
  makeWorld,
  outcomeOf,
  outcomesOf,
  type Who,
} from './world.ts';

const db = forAllTests(openDb);

const world = forEachTest(() => makeWorld(db));

const as = (who: Who) => inSession(world.accounts[who]);
const at = (who: Who) => ({ ...world.ids, accountId: world.accounts[who] });
const organizationOf = () => findOrganization(db, world.ids.organizationId);

test('a change answers what it made, also when somebody removes it right after', async () => {
  const at = { organizationId: world.ids.organizationId, accountId: world.accounts.reader };
  const admin = inSession(world.accounts.admin);
  const removedAtOnce: Work = {
    plain: db,
    run: async (body) => {
      const result = await db.run(body);
      await removeMember(db, admin, at);
      return result;
    },
  };
  const answer = await suspendMember(removedAtOnce, admin, at);
  expect(answer).toMatchObject({ accountId: at.accountId, suspended: true });
  expect(answer.email).toContain(at.accountId);
  expect(await findMember(db, at)).toBeUndefined();
});

describe('an organization role', () => {
  test('is not changed by its own bearer, in any way', async () => {
    const outcomes = await outcomesOf(
      changeMemberRole(db, as('admin'), at('admin'), 'organization_member'),
      changeMemberRole(db, as('admin'), at('admin'), 'organization_admin'),
      suspendMember(db, as('admin'), at('admin')),
      reinstateMember(db, as('admin'), at('admin')),
      removeMember(db, as('admin'), at('admin')),
    );
    expect(outcomes).toEqual(Array(5).fill('forbidden own_role'));
    const escalation = changeMemberRole(db, as('member'), at('member'), 'organization_admin');
    expect(await outcomeOf(escalation)).toBe('forbidden role');
  });

  test('of administrator is given in the own session only', async () => {
    const service = await makeService(db);
    for (const actor of [byToken(world.accounts.admin), service]) {
      const raise = changeMemberRole(db, actor, at('member'), 'organization_admin');
      expect(await outcomeOf(raise)).toBe('forbidden not_by_token');
      const back = reinstateMember(db, actor, at('suspended'));
      expect(await outcomeOf(back)).toBe('forbidden not_by_token');
    }
    await changeMemberRole(db, as('admin'), at('member'), 'organization_admin');
    expect(await findMember(db, at('member'))).toMatchObject({ role: 'organization_admin' });
  });

  test('of the last administrator stays, whoever asks', async () => {
    const service = await makeService(db);
    const outcomes = await outcomesOf(
      changeMemberRole(db, service, at('admin'), 'organization_member'),
      suspendMember(db, service, at('admin')),
      removeMember(db, service, at('admin')),
      leaveOrganization(db, as('admin'), world.ids.organizationId),
      deleteAccount(db, as('admin')),
    );
    expect(outcomes).toEqual(Array(5).fill('conflict last_administrator'));
    expect(await findMember(db, at('admin'))).toMatchObject({ suspended: false });
  });

  test('of an administrator who cannot act may be taken', async () => {
    await changeMemberRole(db, as('admin'), at('closed'), 'organization_member');
    await removeMember(db, as('admin'), at('suspended'));
    expect(await findMember(db, at('suspended'))).toBeUndefined();
  });
});

describe('removing a member', () => {
  const insertConsent = statement(`
    insert into consents (id, account_id, client_id, version) values ($1, $2, $3, 1)`);
  const insertEntry = statement(`
    insert into consent_entries (id, consent_id, account_id, level, organization_id, scope, version)
    values ($1, $2, $3, 'organization', $4, 'organization:read_organization', 1)`);
  const countEntries = statement('select from consent_entries where account_id = $1');

  test('takes roles, team places and consent entries there; joining again brings none back', async () => {
    const { organizationId, teamId } = world.ids;
    const accountId = world.accounts.dba;
    const [consent, service] = [newId(), await makeService(db)];
    await addTeamMember(db, as('admin'), { organizationId, teamId, accountId });
    await db.query(insertConsent, [consent, accountId, service.via.clientId]);
    await db.query(insertEntry, [newId(), consent, accountId, organizationId]);

    await removeMember(db, as('admin'), at('dba'));
    await insertMember(db, { organizationId, accountId, role: 'organization_member' });
    expect(await databaseRolesOf(db, at('dba'))).toEqual({ direct: undefined, team: false });
    expect(await db.query(countEntries, [accountId])).toHaveLength(0);
  });
});

describe('suspending', () => {
  test('takes everything until reinstated, and forgets nothing', async () => {
    const access = () => effectiveAccess(db, as('admin'), at('dba'));
    const before = await access();
    await suspendMember(db, as('admin'), at('dba'));
    expect(await access()).toEqual([]);
    expect(await outcomeOf(deleteDatabase(db, as('dba'), world.ids))).toBe('not_found');
    await reinstateMember(db, as('admin'), at('dba'));
    expect(await access()).toEqual(before);
  });
});

describe('a Database Administrator', () => {
  test('manages the people of that database and of no other', async () => {
    const { organizationId } = world.ids;
    const slug = freshSlug();
    const { id: databaseId } = await createDatabase(db, as('admin'), organizationId, slug);
    const elsewhere = { ...at('member'), databaseId };
    const outcome = outcomeOf(giveDatabaseRole(db, as('dba'), elsewhere, 'database_reader'));
    expect(await outcome).toBe('forbidden role');
  });

  test('brings in nobody from outside', async () => {
    const give = giveDatabaseRole(db, as('dba'), at('outsider'), 'database_reader');
    expect(await outcomeOf(give)).toBe('forbidden not_a_member');
  });

  test('limits no Organization Administrator', async () => {
    const give = giveDatabaseRole(db, as('dba'), at('admin'), 'database_reader');
    const take = takeDatabaseRole(db, as('dba'), at('admin'));
    const outcomes = await outcomesOf(give, take);
    expect(outcomes).toEqual(Array(2).fill('forbidden target_is_administrator'));
  });

  test('may step down, and is then what the rest gives', async () => {
    await stepDown(db, as('dba'), world.ids);
    expect(await outcomeOf(deleteDatabase(db, as('dba'), world.ids))).toBe('forbidden role');
    expect(await outcomeOf(stepDown(db, as('dba'), world.ids))).toBe('not_found');
  });

  test('is whoever creates the database, at once', async () => {
    const { organizationId } = world.ids;
    const { id } = await createDatabase(db, as('member'), organizationId, freshSlug());
    const place = { organizationId, databaseId: id };
    expect(await outcomeOf(deleteDatabase(db, as('member'), place))).toBe('done');
  });
});

describe('branches', () => {
  const branches = statement(`
    select id, slug, production from branches where database_id = $1 order by production desc`);

  async function mainBranch() {
    const [main] = await db.query<{ id: string }>(branches, [world.ids.databaseId]);
    return { ...world.ids, branchId: main?.id ?? '' };
  }

  test('a new database has the production branch main', async () => {
    const { organizationId } = world.ids;
    const { id } = await createDatabase(db, as('member'), organizationId, freshSlug());
    expect(await db.query(branches, [id])).toMatchObject([{ slug: 'main', production: true }]);
  });

  test('the last production branch stays one', async () => {
    const main = await mainBranch();
    const outcomes = await outcomesOf(
      demoteBranch(db, as('admin'), main),
      deleteBranch(db, as('admin'), main),
    );
    expect(outcomes).toEqual(Array(2).fill('conflict last_production_branch'));
    await promoteBranch(db, as('admin'), world.ids);
    expect(await demoteBranch(db, as('admin'), main)).toMatchObject({ production: false });
  });

  test.each<[who: Who, outcome: string]>([
    ['developer', 'forbidden role'],
    ['member', 'forbidden role'],
    ['teamDba', 'done'],
    ['dba', 'done'],
  ])('a production branch is renamed and deleted by %s: %s', async (who, outcome) => {
    await promoteBranch(db, as('admin'), world.ids);
    expect(await outcomeOf(renameBranch(db, as(who), world.ids, freshSlug()))).toBe(outcome);
    expect(await outcomeOf(deleteBranch(db, as(who), world.ids))).toBe(outcome);
  });
});

describe('deleting', () => {
  test('an organization frees its slug and takes everything inside', async () => {
    const organization = await organizationOf();
    await deleteOrganization(db, as('admin'), world.ids.organizationId);
    expect(await organizationOf()).toBeUndefined();
    expect(await findAccessSources(db, at('dba'))).toBeUndefined();
    const again = { slug: organization?.slug ?? '', name: 'Again' };
    const id = await createOrganization(db, as('outsider'), again);
    expect(id).not.toBe(world.ids.organizationId);
  });

  test('an account leaves no way in and nothing personal', async () => {
    const account = statement(
      'select email, name, password_hash, status from accounts where id = $1',
    );
    const { dba } = world.accounts;
    await deleteAccount(db, as('dba'));
    expect(await findMember(db, at('dba'))).toBeUndefined();
    expect(await db.query(account, [dba])).toEqual([
      {
        email: `deleted-${dba}@deleted.invalid`,
        name: 'Deleted account',
        password_hash: null,
        status: 'deleted',
      },
    ]);
    expect(await outcomeOf(deleteAccount(db, as('dba')))).toBe('not_found');
    const named = { slug: freshSlug(), name: 'Acme' };
    expect(await outcomeOf(createOrganization(db, as('dba'), named))).toBe('not_found');
  });

  test('an account takes the own session', async () => {
    const attempt = deleteAccount(db, byToken(world.accounts.dba));
    expect(await outcomeOf(attempt)).toBe('forbidden not_by_token');
  });
});

describe('creating an organization', () => {
  const named = () => ({ slug: freshSlug(), name: 'Acme' });

  test('makes its creator the administrator', async () => {
    const organizationId = await createOrganization(db, as('member'), named());
    const place = { organizationId, accountId: world.accounts.member };
    expect(await findMember(db, place)).toMatchObject({ role: 'organization_admin' });
  });

  test('is not done by token', async () => {
    const attempt = createOrganization(db, byToken(world.accounts.member), named());
    expect(await outcomeOf(attempt)).toBe('forbidden not_by_token');
  });

  test('by a service client names its first administrator', async () => {
    const service = await makeService(db);
    expect(await outcomeOf(createOrganization(db, service, named()))).toBe('invalid');
    const administratorId = await makeAccount(db);
    const organizationId = await createOrganization(db, service, { ...named(), administratorId });
    const place = { organizationId, accountId: administratorId };
    expect(await findMember(db, place)).toMatchObject({ role: 'organization_admin' });
    const other = await makeService(db, 'platform:other');
    const wish = { ...named(), administratorId };
    expect(await outcomeOf(createOrganization(db, other, wish))).toBe('not_found');
  });
});

test('effective access names every source of a permission', async () => {
  const { organizationId, teamId } = world.ids;
  const accountId = world.accounts.developer;
  await addTeamMember(db, as('admin'), { organizationId, teamId, accountId });
  const held = await effectiveAccess(db, as('developer'), at('developer'));
  const sourcesOf = (wanted: string) =>
    held.find(({ permission }) => permission === wanted)?.sources.map(({ kind }) => kind);
  expect(sourcesOf('view_database')).toEqual(['direct_role', 'team', 'base_role']);
  expect(sourcesOf('connect_production_read_only')).toEqual(['direct_role', 'team']);
  expect(sourcesOf('manage_database')).toEqual(['team']);
  expect(held[0]?.sources[1]).toMatchObject({ team: { id: teamId, name: 'T' } });
  const ofAdmin = await effectiveAccess(db, as('admin'), at('admin'));
  expect(ofAdmin[0]?.sources[0]).toEqual({ kind: 'organization_role', role: 'organization_admin' });
});
