/** The audit trail: every change once, nothing else, read by whom it concerns, never rewritten. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId, printId } from '../../src/lib/ids.ts';
import {
  type AuditPageWish,
  readAuditLog,
  readOwnAuditLog,
} from '../../src/organizations/audit-log.ts';
import { sweepAuditTrail } from '../../src/organizations/audit-retention.ts';
import { createBranch } from '../../src/organizations/branches.ts';
import { createDatabase } from '../../src/organizations/databases.ts';
import { invite } from '../../src/organizations/invitations.ts';
import { changeMemberRole, suspendMember } from '../../src/organizations/members.ts';
import { renameOrganization, setBaseRole } from '../../src/organizations/organization-settings.ts';
import { addTeamMember } from '../../src/organizations/team-contents.ts';
import {
  type AuditFilters,
  blankAuditEvents,
  recordAuditEvent,
  type StoredAuditEvent,
  selectAuditEvents,
  sweepAuditEvents,
} from '../../src/storage/audit/audit-log.ts';
import { type Db, statement } from '../../src/storage/engine/database.ts';
import { grantServing, mayRewriteAudit } from '../../src/storage/engine/privileges.ts';
import { onlyOnPostgres, openDb } from '../support/database.ts';
import { forAllTests, forEachTest } from '../support/for-all-tests.ts';
import {
  byToken,
  emailOf,
  freshSlug,
  inSession,
  makeAccount,
  makeWorld,
  outcomeOf,
  outcomesOf,
} from './world.ts';

const db = forAllTests(openDb);

const world = forEachTest(() => makeWorld(db));
const admin = forEachTest(() => inSession(world.accounts.admin));
let organizationId: string;
beforeEach(async () => {
  organizationId = world.ids.organizationId;
});

const cursorKey = Buffer.alloc(32, 7);

async function read(filters: AuditFilters = {}, change: Partial<AuditPageWish> = {}) {
  return readAuditLog(db, admin, organizationId, { filters, limit: 100, cursorKey, ...change });
}

async function newest(): Promise<StoredAuditEvent | undefined> {
  return (await read({}, { limit: 1 })).events[0];
}

describe('an event tells', () => {
  test('who, where, what, before and after, and from where', async () => {
    await setBaseRole(db, admin, organizationId, 'reader');
    expect(await newest()).toMatchObject({
      action: 'organization.base_role_changed',
      outcome: 'done',
      actorAccountId: world.accounts.admin,
      actorClientId: undefined,
      organizationId,
      subject: printId('organization', organizationId),
      before: { base_role: 'member' },
      after: { base_role: 'reader' },
      address: '192.0.2.1',
      userAgent: 'test',
    });
  });

  test('through which application', async () => {
    await createDatabase(db, byToken(world.accounts.member), organizationId, freshSlug());
    expect(await newest()).toMatchObject({
      action: 'database.created',
      actorAccountId: world.accounts.member,
      actorClientId: 'some-app',
    });
  });

  test('of a refused privileged act', async () => {
    const own = { organizationId, accountId: world.accounts.admin };
    await outcomeOf(changeMemberRole(db, admin, own, 'organization_member'));
    expect(await newest()).toMatchObject({
      action: 'member.role_changed',
      outcome: 'refused',
      subject: printId('user', own.accountId),
      after: { refused: 'own_role' },
    });
  });
});

describe('no event tells', () => {
  test.each<[what: string, act: () => Promise<unknown>]>([
    ['of what was so already', () => setBaseRole(db, admin, organizationId, 'member')],
    [
      'of a place that was given already',
      async () => {
        const at = { ...world.ids, accountId: world.accounts.teamDba };
        await addTeamMember(db, admin, at);
      },
    ],
    ['of what failed', () => createBranch(db, admin, { ...world.ids, databaseId: newId() }, 'x')],
    [
      'of what a stranger tried',
      () => setBaseRole(db, inSession(world.accounts.outsider), organizationId, 'none'),
    ],
  ])('%s', async (_what, act) => {
    const before = await newest();
    await outcomeOf(act());
    expect(await newest()).toEqual(before);
  });

  test('of a secret', async () => {
    await invite(db, admin, organizationId, { email: 'x@y.test', role: 'organization_member' });
    expect(JSON.stringify(await read())).not.toContain('usher_inv_');
  });
});

describe('a page', () => {
  test('goes on where the one before ended, newest first', async () => {
    const all = (await read()).events.map(({ id }) => id);
    const paged: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await read({}, { limit: 3, cursor });
      paged.push(...page.events.map(({ id }) => id));
      cursor = page.nextCursor;
      await setBaseRole(db, admin, organizationId, paged.length % 2 ? 'reader' : 'none');
    } while (cursor);
    expect(paged).toEqual(all);
    expect(all).toEqual(all.toSorted((one, other) => Number(other) - Number(one)));
  });

  test('holds what the filters leave', async () => {
    const { accounts, ids } = world;
    await suspendMember(db, admin, ids);
    await createDatabase(db, inSession(accounts.member), organizationId, freshSlug());
    const actions = async (filters: AuditFilters) =>
      (await read(filters)).events.map(({ action }) => action);
    expect(await actions({ actorAccountId: accounts.member })).toEqual(['database.created']);
    expect(await actions({ subject: printId('user', ids.accountId) })).toEqual([
      'member.suspended',
    ]);
    expect(await actions({ action: 'team.created' })).toEqual(['team.created']);
    const [last] = (await read()).events;
    const since = last?.at ?? new Date(0);
    expect(await actions({ since, action: 'database.created' })).toEqual(['database.created']);
    expect(await actions({ until: since, actorAccountId: accounts.member })).toEqual([]);
  });

  test("has no room for another organization's events", async () => {
    const other = await makeWorld(db);
    const { events } = await read();
    expect(new Set(events.map((event) => event.organizationId))).toEqual(new Set([organizationId]));
    expect(other.ids.organizationId).not.toBe(organizationId);
  });

  test('is opened by no cursor but its own', async () => {
    const { nextCursor = '' } = await read({}, { limit: 1 });
    const changed = `${nextCursor.slice(0, -2)}AA`;
    const outcomes = await outcomesOf(
      read({}, { cursor: changed }),
      read({}, { cursor: '' }),
      read({}, { cursor: 'MTIz' }),
      read({ action: 'team.created' }, { cursor: nextCursor }),
      read({}, { cursor: nextCursor, cursorKey: Buffer.alloc(32, 8) }),
    );
    expect(outcomes).toEqual(Array(5).fill('invalid'));
  });
});

test('each person reads of what they did themselves, in any organization', async () => {
  const { accounts } = world;
  await createDatabase(db, inSession(accounts.member), organizationId, freshSlug());
  const wish = { filters: {}, limit: 10, cursorKey };
  const { events } = await readOwnAuditLog(db, inSession(accounts.member), wish);
  expect(events.map(({ action }) => action)).toEqual(['database.created']);
  const byApplication = readOwnAuditLog(db, byToken(accounts.member), wish);
  expect(await outcomeOf(byApplication)).toBe('forbidden not_by_token');
  const ofOther = { ...wish, filters: { actorAccountId: accounts.admin } };
  expect((await readOwnAuditLog(db, inSession(accounts.member), ofOther)).events).toEqual(events);
  expect(await outcomeOf(readOwnAuditLog(db, inSession(accounts.closed), wish))).toBe('not_found');
});

describe('what is written stays', () => {
  test.each([
    'delete from audit_events',
    "update audit_events set action = 'x'",
    'update audit_events set address = null',
    'truncate audit_events',
    'truncate audit_events cascade',
  ])('%s', async (text) => {
    await expect(db.query(statement(text))).rejects.toThrow('only ever added');
  });

  test('even within a blanking, but for what is personal', async () => {
    const attempt = db.run(async (tx) => {
      await tx.query(statement(`select set_config('usher.audit_change', 'blank', true)`));
      await tx.query(statement(`update audit_events set actor_account_id = null`));
    });
    await expect(attempt).rejects.toThrow('only ever added');
  });

  test('and a blanking leaves no door open behind it', async () => {
    const attempt = db.run(async (tx) => {
      await blankAuditEvents(tx, newId(), 'nobody@x.test');
      await tx.query(statement('update audit_events set address = null'));
    });
    await expect(attempt).rejects.toThrow('only ever added');
  });
});

test.each([
  ['events of the last 30 days', 'select usher_sweep_audit_events(29, 1000)'],
  ['events of tomorrow', 'select usher_sweep_audit_events(-1, 1000)'],
  ['events of no age', 'select usher_sweep_audit_events(null, 1000)'],
])('sweeping takes no %s', async (_what, text) => {
  await expect(db.query(statement(text))).rejects.toThrow('30 days or more');
});

test('blanking takes nothing of an account that is there', async () => {
  const there = world.accounts.member;
  await expect(blankAuditEvents(db, there, 'nobody@x.test')).rejects.toThrow('only a deleted');
  await expect(blankAuditEvents(db, newId(), emailOf(there))).rejects.toThrow('only a deleted');
});

describe(
  ...onlyOnPostgres('for a role that may only serve', 'the embedded database knows one user only'),
  () => {
    const role = `usher_serving_${process.pid}`;
    beforeAll(async () => {
      await db.query(statement(`create role ${role}`));
      await grantServing(db.address, role);
      await grantServing(db.address, role); // as after each migration
    });
    afterAll(async () => {
      await db.query(statement(`drop owned by ${role}`));
      await db.query(statement(`drop role ${role}`));
    });

    const serving = (work: (tx: Db) => Promise<unknown>) =>
      db.run(async (tx) => {
        await tx.query(statement(`set local role ${role}`));
        await work(tx);
        throw new Error('taken back');
      });

    test.each([
      'delete from audit_events',
      `update audit_events set action = 'x'`,
      'update audit_events set address = null',
      'truncate audit_events',
      'drop table audit_events',
      'alter table audit_events disable trigger all',
      'drop trigger keep_audit on audit_events',
      `create or replace function usher_keep_audit() returns trigger language plpgsql
       as 'begin return old; end'`,
      `insert into audit_events (action, at) values ('x', now() - interval '1 year')`,
      `insert into audit_events (id, action) overriding system value values (1, 'x')`,
      'delete from knex_migrations',
    ])('no trick opens the table: %s', async (text) => {
      const attempt = serving(async (tx) => {
        for (const change of ['sweep', 'blank']) {
          await tx.query(statement(`select set_config('usher.audit_change', '${change}', true)`));
        }
        await tx.query(statement(text));
      });
      await expect(attempt).rejects.toThrow(/permission denied|must be owner/);
    });

    test('adding, reading, blanking and sweeping work', async () => {
      const attempt = serving(async (tx) => {
        await recordAuditEvent(tx, { action: 'sample' });
        expect(await selectAuditEvents(tx, { action: 'sample', limit: 1 })).toHaveLength(1);
        await blankAuditEvents(tx, newId(), 'nobody@x.test');
        await sweepAuditEvents(tx, 30, 1);
      });
      await expect(attempt).rejects.toThrow('taken back');
    });

    test('and whoever could rewrite is told apart', async () => {
      expect(await mayRewriteAudit(db)).toBe(true);
      const attempt = serving(async (tx) => expect(await mayRewriteAudit(tx)).toBe(false));
      await expect(attempt).rejects.toThrow('taken back');
    });

    test('others may neither read nor sweep', async () => {
      const other = `usher_other_${process.pid}`;
      const asOther = (text: string) =>
        db.run(async (tx) => {
          await tx.query(statement(`create role ${other}`));
          await tx.query(statement(`set local role ${other}`));
          await tx.query(statement(text));
        });
      for (const text of [
        'select 1 from audit_events',
        'select usher_sweep_audit_events(30, 1)',
        `select usher_blank_audit_events('${newId()}', 'a@b.test')`,
      ]) {
        await expect(asOther(text)).rejects.toThrow('permission denied');
      }
    });
  },
);

test('blanking takes out the personal data of one account and of no other', async () => {
  const account = await makeAccount(db);
  const subject = printId('user', account);
  const origin = { address: '198.51.100.7', userAgent: 'Browser' };
  const email = 'blanked@x.test';
  const event = { action: 'sample', organizationId, origin };
  await recordAuditEvent(db, {
    ...event,
    actorAccountId: account,
    after: { email: 'other@x.test' },
  });
  await recordAuditEvent(db, {
    ...event,
    actorAccountId: world.accounts.admin,
    after: { email, role: 'r' },
  });
  const named = { email, name: 'Somebody' };
  await recordAuditEvent(db, {
    ...event,
    subject,
    before: named,
    after: { ...named, name: 'Else' },
  });
  await recordAuditEvent(db, { ...event, actorAccountId: account, after: ['a', 'list'] });
  await db.query(statement(`update accounts set status = 'deleted' where id = $1`), [account]);
  await blankAuditEvents(db, account, email);

  const events = await selectAuditEvents(db, { organizationId, action: 'sample', limit: 10 });
  const blank = { address: undefined, userAgent: undefined };
  expect(events.toReversed()).toMatchObject([
    { actorAccountId: account, ...blank, after: { email: 'other@x.test' } },
    { actorAccountId: world.accounts.admin, ...origin, after: { email: null, role: 'r' } },
    { subject, ...origin, before: { email: null, name: null }, after: { email: null, name: null } },
    { actorAccountId: account, ...blank, after: ['a', 'list'] },
  ]);
});

test('sweeping deletes what is old, some at a time', async () => {
  const old = statement(`
    insert into audit_events (action, at) select 'old', now() - interval '2 years'
      from generate_series(1, 5)`);
  await db.query(old);
  const kept = (await read()).events.length;
  expect(await sweepAuditEvents(db, 365, 3)).toBe(3);
  expect(await sweepAuditEvents(db, 365, 3)).toBe(2);
  expect(await sweepAuditEvents(db, 365, 3)).toBe(0);
  expect((await read()).events).toHaveLength(kept);
});

test('the trail is kept for ever, unless it is set how long', async () => {
  const add = statement(`
    insert into audit_events (action, at) select 'aged', now() - make_interval(days => $1)
      from generate_series(1, $2)`);
  await db.query(add, [100, 501]);
  await db.query(add, [50, 2]);
  const aged = async () => (await selectAuditEvents(db, { action: 'aged', limit: 1000 })).length;
  expect(await sweepAuditTrail(db, undefined)).toBe(false);
  expect(await aged()).toBe(503);
  expect(await sweepAuditTrail(db, 60)).toBe(true);
  expect(await sweepAuditTrail(db, 60)).toBe(false);
  expect(await aged()).toBe(2);
});

test('a refused name changes nothing and tells nothing', async () => {
  const before = await newest();
  const attempt = renameOrganization(db, admin, organizationId, { name: 'x', slug: 'new' });
  expect(await outcomeOf(attempt)).toBe('invalid');
  expect(await newest()).toEqual(before);
});
