/** An organization shuts an application out, and lets it in again: nothing that ended comes back. */

import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import { parseScopeSet } from '../../src/catalogue/scope-set.ts';
import { recordConsent } from '../../src/consent/record.ts';
import { newId, printId } from '../../src/lib/ids.ts';
import { approveApplication } from '../../src/organizations/application-approvals.ts';
import { requestApproval } from '../../src/organizations/approval-requests.ts';
import { setApplicationPolicy } from '../../src/organizations/organization-settings.ts';
import { liftShutOut, shutOutApplication } from '../../src/organizations/shut-outs.ts';
import {
  findApplicationAccess,
  listMemberAccess,
} from '../../src/storage/clients/application-access.ts';
import { findApproval, registeredScopes } from '../../src/storage/clients/approvals.ts';
import { findShutOut, listShutOuts } from '../../src/storage/clients/shut-outs.ts';
import { type Database, statement } from '../../src/storage/engine/database.ts';
import { onlyOnPostgres, openTestDatabase } from '../support/database.ts';
import { forAllTests, forEachTest } from '../support/for-all-tests.ts';
import { inSession, makeApplication, makeWorld } from './world.ts';

const noCeilings = { scopes: undefined, production: true, maxGrantSeconds: undefined };
const scope = 'database:read_database';
const first = { after: undefined, limit: 100 };

const database = forAllTests(openTestDatabase);
const world = forEachTest(() => makeWorld(database.db));
const admin = forEachTest(() => inSession(world.accounts.admin));
let clientId: string;

beforeEach(async () => {
  clientId = await makeApplication(database.db, newId());
  await run('update clients set scope = $1 where id = $2', scope, clientId);
});

const run = <Row extends object>(sql: string, ...values: unknown[]) =>
  database.db.query<Row>(statement(sql), values);

const at = () => ({ organizationId: world.ids.organizationId, clientId });

/** Lets the application read the database, and know the person. */
function consent(accountId = world.accounts.member, db = database.db) {
  return recordConsent(db, {
    accountId,
    clientId,
    asked: `openid ${scope}`,
    shown: [],
    picks: [
      {
        level: 'database',
        id: world.ids.databaseId,
        scopes: parseScopeSet(scope),
        seenProduction: undefined,
        includesProduction: true,
      },
    ],
  });
}

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error) => error.refusal ?? error.code,
  );

const access = () => findApplicationAccess(database.db, at());

test('its entries end there, and what ended is told', async () => {
  await consent();
  await consent(world.accounts.developer);
  expect(await access()).toMatchObject({ members: 2, entries: 2, isApproved: false });
  const shutOut = await shutOutApplication(database.db, admin, at());
  expect(shutOut).toMatchObject({
    shutOutBy: world.accounts.admin,
    endedMembers: 2,
    endedEntries: 2,
  });
  expect(await access()).toBeUndefined();
  const consents = await run('select from consents where client_id = $1', clientId);
  expect(consents).toHaveLength(2); // what is of no organization stays
  const [event] = await run<{ before: object; after: object }>(
    `select before, after from audit_events where action = 'application.shut_out' and subject = $1`,
    clientId,
  );
  const members = [world.accounts.member, world.accounts.developer].map((id) =>
    printId('user', id),
  );
  expect(event).toMatchObject({
    before: { shut_out: false, entry_count: 2, members: expect.arrayContaining(members) },
    after: { shut_out: true, entry_count: 0 },
  });
});

test('nothing can be allowed, asked or approved until it is lifted; then nothing is back', async () => {
  await consent();
  await approveApplication(database.db, admin, at(), noCeilings);
  await shutOutApplication(database.db, admin, at());
  const member = inSession(world.accounts.member);
  const conflict = { code: 'conflict', reason: 'shut_out' };
  expect(await refusal(consent())).toBe('scope_not_grantable');
  expect(await refusal(requestApproval(database.db, member, at(), 'Why?'))).toEqual(conflict);
  expect(await refusal(approveApplication(database.db, admin, at(), noCeilings))).toEqual(conflict);

  await liftShutOut(database.db, admin, at());
  expect(await access()).toBeUndefined();
  expect(await findApproval(database.db, at())).toBeUndefined();
  await consent();
  expect(await access()).toMatchObject({ members: 1 });
});

test('its own application is kept out as well', async () => {
  await run(
    'update clients set owner_organization_id = $1 where id = $2',
    at().organizationId,
    clientId,
  );
  await consent();
  await shutOutApplication(database.db, admin, at());
  expect(await refusal(consent())).toBe('scope_not_grantable');
});

test('done again it adds nothing; lifted again there is nothing', async () => {
  await consent();
  await shutOutApplication(database.db, admin, at());
  await shutOutApplication(database.db, inSession(world.accounts.admin), at());
  expect(await findShutOut(database.db, at())).toMatchObject({ endedMembers: 1, endedEntries: 1 });
  const events = `select from audit_events where action = 'application.shut_out' and subject = $1`;
  expect(await run(events, clientId)).toHaveLength(1);
  await liftShutOut(database.db, admin, at());
  expect(await refusal(liftShutOut(database.db, admin, at()))).toEqual({ code: 'not_found' });
  expect(await listShutOuts(database.db, at().organizationId, first)).toEqual([]);
  const flag = 'select shuts_out from organizations where id = $1';
  expect(await run(flag, at().organizationId)).toEqual([{ shuts_out: false }]);
});

test('who allowed what is listed, member by member', async () => {
  await consent();
  await consent(world.accounts.developer);
  const all = await listMemberAccess(database.db, at(), first);
  expect(all.map(({ item }) => item.accountId).toSorted()).toEqual(
    [world.accounts.member, world.accounts.developer].toSorted(),
  );
  expect(all[0]?.item).toMatchObject({
    resources: [
      { level: 'database', scopes: parseScopeSet(scope), production: true, rests: false },
    ],
  });
  const [one] = await listMemberAccess(database.db, at(), { after: undefined, limit: 1 });
  const rest = await listMemberAccess(database.db, at(), { after: one?.position, limit: 1 });
  expect([one, ...rest]).toEqual(all);
});

test('"approve all" is for what is registered that day', async () => {
  await setApplicationPolicy(database.db, admin, at().organizationId, {
    applicationPolicy: 'approval_required',
  });
  await approveApplication(database.db, admin, at(), noCeilings);
  const wider = `${scope} database:read_branches`;
  await run('update clients set scope = $1 where id = $2', wider, clientId);
  expect(await findApproval(database.db, at())).toMatchObject({ scopes: parseScopeSet(scope) });
  await approveApplication(database.db, admin, at(), noCeilings);
  expect(await findApproval(database.db, at())).toMatchObject({ scopes: parseScopeSet(wider) });
});

test('of one that registered itself for no scopes, all is what it may ask for', async () => {
  await run(`update clients set scope = '', is_dynamic = true where id = $1`, clientId);
  expect(await registeredScopes(database.db, clientId)).toBeUndefined();
  await run('update clients set is_dynamic = false where id = $1', clientId);
  expect(await registeredScopes(database.db, clientId)).toBe(parseScopeSet(''));
});

test(
  ...onlyOnPostgres(
    'a consent under way is waited for',
    'the embedded database does one at a time',
  ),
  async () => {
    const { promise: decided, resolve: tellDecided } = Promise.withResolvers<void>();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const slow: Database = {
      ...database.db,
      run: (work) =>
        database.db.run(async (tx) => {
          const result = await work(tx);
          tellDecided();
          await released;
          return result;
        }),
    };
    const recording = consent(world.accounts.member, slow);
    await decided;
    const shuttingOut = shutOutApplication(database.db, admin, at());
    const waiting = `select from pg_stat_activity where wait_event_type = 'Lock'
      and query like '%from clients%for no key update%' and datname = current_database()`;
    while ((await run(waiting)).length === 0) await delay(10);
    release();
    await recording;
    expect(await shuttingOut).toMatchObject({ endedMembers: 1, endedEntries: 1 });
    expect(
      await run('select from consent_entries where organization_id = $1', at().organizationId),
    ).toEqual([]);
  },
);
