/** What members allowed an application and nobody uses is found, and ended in this organization alone. */

import { beforeEach, expect, test } from 'vitest';
import { names } from '../../src/catalogue/scope-set.ts';
import { introspect } from '../../src/introspection/introspect.ts';
import { createUseCounter } from '../../src/introspection/use-counter.ts';
import { printId } from '../../src/lib/ids.ts';
import type { Person } from '../../src/organizations/actor.ts';
import { endUnusedAccess, readUnusedAccess } from '../../src/organizations/unused-access.ts';
import { accessInUse } from '../../src/storage/clients/application-uses.ts';
import { issuer, scenario } from '../introspection/scenario.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests, forEachTest } from '../support/for-all-tests.ts';
import type { Branch, TreeDatabase } from '../support/world.ts';
import { inSession } from './world.ts';

const given = 'database:read_branches database:read_database database:write_branches';

const database = forAllTests(openTestDatabase);
const scene = forEachTest(() =>
  scenario(database.db, { client: { grant_types: ['authorization_code'] } }),
);
let admin: Person;
/** Picked, and never used. */
let idle: TreeDatabase;

beforeEach(async () => {
  const { world, acme, shop } = scene;
  const administrator = await world.account();
  await world.member(acme, administrator, { role: 'organization_admin' });
  admin = inSession(administrator.id);
  idle = await world.database(acme);
  await scene.agree(shop, given);
  await scene.agree(idle, given);
});

const at = () => ({ organizationId: scene.acme.id, clientId: scene.app.id });
const unused = () => readUnusedAccess(database.db, admin, at());
const end = () => endUnusedAccess(database.db, admin, at());
const inUse = () => accessInUse(database.db, at());
const pathOf = ({ slug }: TreeDatabase) => `${scene.acme.slug}/${slug}`;

/** A resource server asks about a branch of shop. */
async function use(branch: Branch, action?: string): Promise<void> {
  const counter = createUseCounter(database.db, (error) => expect.fail(String(error)));
  const question = {
    asker: scene.api.id,
    token: scene.token,
    resource: printId('branch', branch.id),
  };
  await introspect(database.db, [{ ...question, action }], issuer, counter.note);
  await counter.stop();
}

async function scopeOn(kind: 'branch' | 'database', { id }: { id: string }) {
  const answer = await scene.ask(printId(kind, id));
  return answer.active ? answer.scope : undefined;
}

test('of what nothing was counted, nothing is unused', async () => {
  expect(await inUse()).toEqual({
    resources: { picked: 2, used: 0 },
    scopes: { picked: 3, used: undefined },
  });
  expect(await unused()).toMatchObject({ resources: [], members: 0 });
  await end();
  expect(await inUse()).toMatchObject({ resources: { picked: 2 } });
});

test('the unused resource and the unused scopes end, for tokens that are out too', async () => {
  const { dev, shop } = scene;
  await use(dev, 'database:read_branches');
  expect(await inUse()).toEqual({
    resources: { picked: 2, used: 1 },
    scopes: { picked: 3, used: 1 },
  });
  const found = await unused();
  expect(found).toMatchObject({
    resources: [{ level: 'database', path: pathOf(idle), members: 1 }],
    resourceCount: 1,
    members: 1,
  });
  expect(names(found.scopes)).toEqual(['database:write_branches', 'database:read_database']);
  expect(await scopeOn('database', idle)).toBe('database:read_database');

  expect((await end()).ended).toEqual({ members: [scene.alice.id], entries: 1, narrowed: 1 });
  expect(await scopeOn('branch', dev)).toBe('database:read_branches');
  expect(await scopeOn('database', shop)).toBeUndefined();
  expect(await scene.ask(printId('database', idle.id))).not.toHaveProperty('resource');
  expect(await inUse()).toEqual({
    resources: { picked: 1, used: 1 },
    scopes: { picked: 1, used: 1 },
  });
  const events = await scene.world.run(
    `select before, after from audit_events where action = 'application.unused_ended' and subject = $1`,
    [scene.app.id],
  );
  expect(events).toEqual([
    {
      before: {
        member_count: 1,
        entry_count: 2,
        resource_count: 1,
        resources: [pathOf(idle)],
        scopes: ['database:write_branches', 'database:read_database'],
        members: [printId('user', scene.alice.id)],
      },
      after: { member_count: 0, entry_count: 0 },
    },
  ]);
});

test('where once nobody said what for, no scope is called unused', async () => {
  await use(scene.dev, 'database:read_branches');
  await use(scene.main);
  expect((await inUse()).scopes).toEqual({ picked: 3, used: undefined });
  expect(names((await unused()).scopes)).toEqual([]);
  await end();
  expect((await inUse()).scopes.picked).toBe(3);
});

test('what one person’s application uses stays for all', async () => {
  const { world, acme, app, shop, dev } = scene;
  const bob = await world.account();
  await world.member(acme, bob);
  const other = await world.consent(bob, app);
  await world.entry(other, shop, 'database:read_branches database:delete_branches');
  await use(dev, 'database:read_branches');
  expect(await unused()).toMatchObject({ members: 2, resourceCount: 1 });
  expect((await end()).ended).toMatchObject({ entries: 1, narrowed: 2 });
  const scopes = await world.run('select scope from consent_entries where consent_id = $1', [
    other.id,
  ]);
  expect(scopes).toEqual([{ scope: 'database:read_branches' }]);
});

test('an entry of which no scope is left ends', async () => {
  const { world, acme, app, shop, dev } = scene;
  const bob = await world.account();
  await world.member(acme, bob);
  const other = await world.consent(bob, app);
  await world.entry(other, shop, 'database:delete_branches');
  await use(dev, 'database:read_branches');
  expect((await end()).ended).toMatchObject({ entries: 2, narrowed: 1 });
  expect(await world.run('select from consent_entries where consent_id = $1', [other.id])).toEqual(
    [],
  );
});

test('other organizations, the account, other applications and ended consents stay as they are', async () => {
  const { world, alice, dev, consent, acme } = scene;
  const vault = await world.organization();
  await world.member(vault, alice);
  const ledger = await world.database(vault);
  await scene.agree(ledger, given);
  await scene.agree(undefined, 'user:read_user');
  const otherApp = await world.client({ scope: given });
  const others = await world.consent(alice, otherApp);
  await world.entry(others, idle, given);
  const bob = await world.account();
  await world.member(acme, bob);
  const ended = await world.consent(bob, scene.app, { expires_at: new Date(0) });
  await world.entry(ended, idle, given);
  await use(dev, 'database:read_branches');
  await end();
  const left = async (id: string) =>
    (await world.run('select from consent_entries where consent_id = $1', [id])).length;
  expect([await left(consent.id), await left(others.id), await left(ended.id)]).toEqual([3, 1, 1]);
});

test('done twice, the second time nothing is left to end, and nothing is told', async () => {
  await use(scene.dev, 'database:read_branches');
  await end();
  expect((await end()).ended).toEqual({ members: [], entries: 0, narrowed: 0 });
  const events = await scene.world.run(
    `select from audit_events where action = 'application.unused_ended' and subject = $1`,
    [scene.app.id],
  );
  expect(events).toHaveLength(1);
});

test('what was used more than 90 days ago is unused', async () => {
  const { world, dev, main } = scene;
  await use(dev, 'database:write_branches');
  await world.run('update application_scope_uses set last_day = last_day - 90');
  await world.run('update application_uses set day = day - 90');
  expect(await unused()).toMatchObject({ members: 0 });
  await use(main, 'database:read_branches');
  expect(names((await unused()).scopes)).toEqual([
    'database:write_branches',
    'database:read_database',
  ]);
});
