/** What nobody used for the time that an organization names ends by itself, a week after a mail. */

import { beforeEach, expect, test } from 'vitest';
import { introspect } from '../../src/introspection/introspect.ts';
import { createUseCounter } from '../../src/introspection/use-counter.ts';
import { printId } from '../../src/lib/ids.ts';
import { sweepIdleConsents } from '../../src/organizations/idle-consents.ts';
import { setMaxIdleDays } from '../../src/organizations/organization-settings.ts';
import {
  findApplicationAccess,
  listMemberAccess,
} from '../../src/storage/clients/application-access.ts';
import { idleBy } from '../../src/storage/consents/idle-consents.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { issuer, type Scenario, scenario } from '../introspection/scenario.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { inSession } from './world.ts';

const database = forAllTests(openTestDatabase);
let scene: Scenario;

beforeEach(async () => {
  await run('update organizations set max_idle_days = null');
  scene = await scenario(database.db, { client: { name: 'Reports' } });
  await scene.agree(scene.shop, 'database:read_database database:read_branches');
  const administrator = await scene.world.account();
  await scene.world.member(scene.acme, administrator, { role: 'organization_admin' });
  await setMaxIdleDays(database.db, inSession(administrator.id), scene.acme.id, 30);
});

const run = <Row extends object>(sql: string, ...values: unknown[]) =>
  database.db.query<Row>(statement(sql), values);
const sweep = () => sweepIdleConsents(database.db);

/** So many days pass: for what was allowed, used and announced. */
async function pass(days: number): Promise<void> {
  const of = `where consent_id = '${scene.consent.id}'`;
  await run(`update organizations set uses_counted_from = uses_counted_from - ${days}`);
  await run(
    `update consent_entries set consented_at = consented_at - interval '${days} days' ${of}`,
  );
  await run(`update consent_last_uses set last_day = last_day - ${days} ${of}`);
  await run(`update idle_notices set announced_at = announced_at - interval '${days} days' ${of}`);
}

/** A resource server asks about a branch of shop, or about a database. */
async function use(other?: { id: string }): Promise<void> {
  const counter = createUseCounter(database.db, (error) => expect.fail(String(error)));
  const resource = other ? printId('database', other.id) : printId('branch', scene.dev.id);
  const question = { asker: scene.api.id, token: scene.token, resource };
  await introspect(database.db, [question], issuer, counter.note);
  await counter.stop();
}

const mails = () =>
  run<{ email: string; details: object }>(
    `select email, details from account_notices where kind = 'access-idle' and account_id = $1`,
    scene.alice.id,
  );
const entries = async (consentId = scene.consent.id) =>
  (await run('select from consent_entries where consent_id = $1', consentId)).length;

test('it is announced a week before, once, and ends then, for tokens that are out too', async () => {
  await pass(22);
  await sweep();
  expect(await mails()).toEqual([]);
  await pass(1);
  await sweep();
  await sweep();
  const [acme] = await run<{ name: string }>(
    'select name from organizations where id = $1',
    scene.acme.id,
  );
  const details = { application: 'Reports', organization: acme?.name };
  expect(await mails()).toEqual([{ email: scene.alice.email, details }]);
  await pass(6);
  await sweep();
  expect(await entries()).toBe(1);
  await pass(1);
  await sweep();
  expect([await entries(), (await mails()).length]).toEqual([0, 1]);
  expect(await scene.ask(printId('database', scene.shop.id))).not.toHaveProperty('scope');
  const trail = await run(
    `select organization_id, before from audit_events
      where action = 'consent.idle_ended' and subject = $1`,
    scene.app.id,
  );
  const before = { member: printId('user', scene.alice.id) };
  expect(trail).toEqual([{ organization_id: scene.acme.id, before }]);
  expect(await run('select from idle_notices')).toEqual([]);
});

test('a use after the mail keeps it, and is asked for anew after the whole time', async () => {
  await pass(25);
  await sweep();
  await use();
  await pass(8);
  await sweep();
  expect([await entries(), (await mails()).length]).toEqual([1, 1]);
  await pass(16);
  await sweep();
  expect([await entries(), (await mails()).length]).toEqual([1, 2]);
  await pass(7);
  await sweep();
  expect(await entries()).toBe(0);
});

test('allowing it again after the mail keeps it', async () => {
  await pass(25);
  await sweep();
  await run(
    'update consent_entries set consented_at = now() where consent_id = $1',
    scene.consent.id,
  );
  await pass(8);
  await sweep();
  expect(await entries()).toBe(1);
});

test('nothing is unused for longer than uses are counted', async () => {
  await run(
    `update consent_entries set consented_at = now() - interval '1 year' where consent_id = $1`,
    scene.consent.id,
  );
  await sweep();
  expect(await mails()).toEqual([]);
});

test('where the time is taken back or longer, what was announced does not end', async () => {
  await pass(25);
  await sweep();
  await run('update organizations set max_idle_days = 60 where id = $1', scene.acme.id);
  await pass(7);
  await sweep();
  expect(await entries()).toBe(1);
  await run('update organizations set max_idle_days = null where id = $1', scene.acme.id);
  await pass(300);
  await sweep();
  expect([await entries(), (await mails()).length]).toEqual([1, 1]);
});

test('nothing ends while the organization is suspended, since nobody can use it', async () => {
  await pass(25);
  await sweep();
  const set = 'update organizations set suspended_at = now(), suspension_reason = $2 where id = $1';
  await run(set, scene.acme.id, 'a dispute');
  await pass(30);
  await sweep();
  expect([await entries(), (await mails()).length]).toEqual([1, 1]);
  await run(
    'update organizations set suspended_at = null, suspension_reason = null where id = $1',
    scene.acme.id,
  );
  await sweep();
  expect([await entries(), (await mails()).length]).toEqual([1, 2]);
});

test('what the same consent gives in another organization, and to the account, stays', async () => {
  const { world, alice, agree } = scene;
  const vault = await world.organization();
  await world.member(vault, alice);
  await agree(await world.database(vault), 'database:read_database');
  await agree(undefined, 'user:read_user');
  await pass(25);
  await sweep();
  await pass(7);
  await sweep();
  expect(await entries()).toBe(2);
  expect(await scene.ask('user')).toMatchObject({ scope: 'user:read_user' });
});

test('who would be told is known before the time is set', async () => {
  expect(await idleBy(database.db, scene.acme.id, 30)).toEqual({ people: 0, applications: 0 });
  await pass(25);
  expect(await idleBy(database.db, scene.acme.id, 30)).toEqual({ people: 1, applications: 1 });
  expect(await idleBy(database.db, scene.acme.id, 60)).toEqual({ people: 0, applications: 0 });
});

test('when it was last used is told of this organization alone, and from when on that is known', async () => {
  const at = { organizationId: scene.acme.id, clientId: scene.app.id };
  const day = (date: Date | undefined) => date?.toISOString().slice(0, 10);
  const told = async () => {
    const access = await findApplicationAccess(database.db, at);
    const [row] = await listMemberAccess(database.db, at, { after: undefined, limit: 1 });
    return [access, row?.item].map((one) => [day(one?.lastUsedAt), day(one?.knownSince)]);
  };
  const [days] = await run<{ today: string; before: string }>(
    `select current_date::text as today, (current_date - 3)::text as before`,
  );
  expect(await told()).toEqual([
    [undefined, undefined],
    [undefined, undefined],
  ]);
  await run(`update consent_entries set created_at = now() - interval '9 days'`);
  await run('update organizations set uses_counted_from = current_date - 3');
  expect(await told()).toEqual([
    [undefined, days?.before],
    [undefined, days?.before],
  ]);
  const { world, alice } = scene;
  const vault = await world.organization();
  await world.member(vault, alice);
  const ledger = await world.database(vault);
  await scene.agree(ledger, 'database:read_database');
  await use(ledger);
  expect((await told())[0]?.[0]).toBeUndefined();
  await use();
  expect(await told()).toEqual([
    [days?.today, days?.before],
    [days?.today, days?.before],
  ]);
});

test('four sweeps at once announce it once, and end it once', async () => {
  await pass(25);
  await Promise.all([1, 2, 3, 4].map(sweep));
  expect(await mails()).toHaveLength(1);
  await pass(7);
  await Promise.all([1, 2, 3, 4].map(sweep));
  const events = `select from audit_events where action = 'consent.idle_ended' and subject = $1`;
  expect([await entries(), (await run(events, scene.app.id)).length]).toEqual([0, 1]);
});
