/** Uses are counted in memory, bounded, and written apart from the answers. */

import { beforeEach, expect, test } from 'vitest';
import { introspect } from '../../src/introspection/introspect.ts';
import { plainAnswers } from '../../src/introspection/plain-answers.ts';
import { createUseCounter } from '../../src/introspection/use-counter.ts';
import { printId } from '../../src/lib/ids.ts';
import { sha256 } from '../../src/lib/secrets.ts';
import { usedResources } from '../../src/storage/clients/application-uses.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { sweepExpired } from '../../src/storage/engine/expired-rows.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests, forEachTest } from '../support/for-all-tests.ts';
import { issuer, type Scenario, scenario } from './scenario.ts';

const database = forAllTests(openTestDatabase);
const scene = forEachTest(() => scenario(database.db));
const counter = forEachTest(() => createUseCounter(database.db, (error) => failures.push(error)));
const failures: unknown[] = [];

beforeEach(async () => {
  return () => counter.stop();
});

const used = (days = 90) =>
  usedResources(database.db, { organizationId: scene.acme.id, clientId: scene.app.id }, days);

/** Asks, and has the answer counted. */
async function ask(resource?: string, asker = scene.api.id, by = counter, action?: string) {
  const question = { asker, token: scene.token, resource, action };
  await introspect(database.db, [question], issuer, by.note);
}

function use(kind: 'organization' | 'database' | 'branch', id: string, asker?: string) {
  return ask(printId(kind, id), asker);
}

const rows = () =>
  scene.world.run(
    'select uses::int, day = current_date as today from application_uses where consent_id = $1',
    [scene.consent.id],
  );

test('a resource counts once something was done on it, or under it', async () => {
  const { shop, main, dev, acme, world } = scene;
  const other = await world.database(acme);
  await scene.agree(shop, 'database:read_branches');
  await scene.agree(other, 'database:read_branches');
  await scene.agree(main, 'branch:read_branch');
  expect(await used()).toEqual({ picked: 3, used: 0 });
  await use('branch', dev.id);
  await use('branch', dev.id);
  await counter.flush();
  await use('branch', dev.id);
  await counter.flush();
  expect(await rows()).toEqual([{ uses: 3, today: true }]);
  expect(await used()).toEqual({ picked: 3, used: 1 });
  await use('branch', main.id);
  await counter.flush();
  expect(await used()).toEqual({ picked: 3, used: 2 });
  await scene.world.run(`update application_uses set day = day - 90`);
  expect([await used(90), await used(91)]).toEqual([
    { picked: 3, used: 0 },
    { picked: 3, used: 2 },
  ]);
});

test('what gives nothing counts nothing, nor what an application asks about itself', async () => {
  const { shop, main, dev, app } = scene;
  await use('branch', main.id);
  await scene.agree(shop, 'database:read_branches');
  await use('branch', dev.id, app.id);
  await ask(undefined, app.id);
  await ask('user');
  await counter.flush();
  expect(await rows()).toEqual([]);
});

test('on an organization, what only lists under it counts, and an empty list does not', async () => {
  const { acme, shop, world } = scene;
  await use('organization', acme.id);
  await scene.agree(shop, 'database:read_branches');
  await use('organization', acme.id);
  await world.run('update organization_members set suspended_at = now()');
  await use('organization', acme.id);
  await counter.flush();
  expect(await rows()).toEqual([{ uses: 1, today: true }]);
});

test('a question about everything may be about anything that the answer lists', async () => {
  const { acme, shop, main, world } = scene;
  const [listed, powerless] = [await world.database(acme), await world.database(acme)];
  await scene.agree(undefined, 'user:read_user');
  await scene.agree(shop, 'database:read_branches');
  await scene.agree(listed, 'database:read_database');
  await scene.agree(powerless, 'database:delete_database');
  await scene.agree(main, 'branch:read_branch');
  await ask();
  await ask();
  await counter.flush();
  expect(await rows()).toEqual([1, 2, 3].map(() => ({ uses: 2, today: true })));
  expect(await used()).toEqual({ picked: 4, used: 3 });
});

test('a resource server that answers about the account alone uses nothing', async () => {
  const { shop, world } = scene;
  await scene.agree(shop, 'database:read_branches');
  const strict = await world.client({ resource_server: 'platform', requires_resource: true });
  await ask(undefined, strict.id);
  await counter.flush();
  expect(await rows()).toEqual([]);
});

/** What the consent was counted for: the scopes, by name. */
async function scopesUsed() {
  await counter.flush();
  const rows = await database.db.query<{ scope: string }>(
    statement('select scope from application_scope_uses where consent_id = $1 order by scope'),
    [scene.consent.id],
  );
  return rows.map(({ scope }) => scope);
}

const given = 'database:read_branches database:read_database database:write_branches';

test.each<[sentence: string, action: string | undefined, scopes: string[], uses?: number]>([
  ['a scope that is allowed', 'database:read_branches', ['database:read_branches']],
  [
    'several',
    'database:read_branches database:write_branches',
    given.split(' ').filter((one) => one.endsWith('branches')),
  ],
  ['a bare name, at the levels that are allowed', 'read_branches', ['database:read_branches']],
  [
    'a permission, by whichever scope that gives it',
    'create_branches',
    ['database:write_branches'],
  ],
  [
    'those that are allowed, of several',
    'database:delete_branches database:read_branches x',
    ['database:read_branches'],
  ],
  ['what is allowed elsewhere only is refused, and not used', 'database:read_database', [], 0],
  ['nothing is done', 'none', [], 0],
  ['nobody says', undefined, ['*']],
  ['nobody can tell', 'levels:unknown', ['*']],
  ['nobody can tell, at any length', 'database:read_branches '.repeat(50), ['*']],
])('of an action: %s', async (_sentence, action, scopes, uses = 1) => {
  await scene.agree(scene.shop, given);
  await ask(printId('branch', scene.dev.id), undefined, undefined, action);
  expect(await scopesUsed()).toEqual(scopes);
  expect(await rows()).toHaveLength(uses);
});

test('an action on what is under the resource, and on whatever is listed', async () => {
  const { shop, acme, world } = scene;
  const other = await world.database(acme);
  await scene.agree(shop, given);
  await scene.agree(other, 'database:read_database');
  await ask(printId('database', shop.id), undefined, undefined, 'database:write_branches');
  await ask(undefined, undefined, undefined, 'database:read_branches');
  expect(await scopesUsed()).toEqual(['database:read_branches', 'database:write_branches']);
  expect(await used()).toEqual({ picked: 2, used: 1 });
});

test('of a scope the last day is kept, and after some months none', async () => {
  const { shop, dev, world } = scene;
  await scene.agree(shop, given);
  const onDev = (action?: string) => ask(printId('branch', dev.id), undefined, undefined, action);
  await onDev('database:read_branches');
  await onDev('database:write_branches');
  await counter.flush();
  await world.run('update application_scope_uses set last_day = last_day - 121');
  await onDev('database:read_branches');
  await counter.flush();
  await sweepExpired(database.db);
  expect(await scopesUsed()).toEqual(['database:read_branches']);
});

test('what ended meanwhile is passed over, and the rest is written', async () => {
  const { shop, main, dev, world } = scene;
  await scene.agree(shop, 'database:read_branches');
  await use('branch', dev.id);
  await use('branch', main.id);
  await world.run('delete from branches where id = $1', [dev.id]);
  await counter.flush();
  expect(await rows()).toHaveLength(1);
  await use('branch', main.id);
  await world.run('delete from consents where id = $1', [scene.consent.id]);
  await counter.flush();
  expect([await rows(), failures]).toEqual([[], []]);
});

test('an application has its share of the room, and the rest goes on counting', async () => {
  const other = await scenario(database.db);
  for (const { agree, shop } of [scene, other]) await agree(shop, 'database:read_branches');
  const { promise: unlocked, resolve: unlock } = Promise.withResolvers<void>();
  const query: typeof database.db.query = (...sent) =>
    unlocked.then(() => database.db.query(...sent));
  const small = createUseCounter({ ...database.db, query }, (error) => failures.push(error), 10);
  const branch = ({ id }: { id: string }) => printId('branch', id);
  await ask(branch(scene.dev), undefined, small); // half of the share, so it is written, which waits
  for (const each of [scene.main, scene.dev, scene.main]) await ask(branch(each), undefined, small);
  const question = { asker: other.api.id, token: other.token, resource: branch(other.dev) };
  await introspect(database.db, [question], issuer, small.note);
  unlock();
  await small.stop();
  const uses = async ({ consent }: Scenario) =>
    scene.world.run(
      'select resource_id, uses::int from application_uses where consent_id = $1 order by uses',
      [consent.id],
    );
  expect(await uses(scene)).toEqual([
    { resource_id: scene.dev.id, uses: 1 },
    { resource_id: scene.main.id, uses: 2 },
  ]);
  expect(await uses(other)).toEqual([{ resource_id: other.dev.id, uses: 1 }]);
});

test('a database that refuses is told of, and counting goes on', async () => {
  const { shop, dev } = scene;
  await scene.agree(shop, 'database:read_branches');
  const heard: unknown[] = [];
  const refusing = { ...database.db, query: () => Promise.reject(new Error('no')) };
  const deaf = createUseCounter(refusing, (error) => heard.push(error));
  await ask(printId('branch', dev.id), undefined, deaf);
  await deaf.stop();
  expect(heard).toHaveLength(1);
});

test('questions of resource servers are counted on the fast path, each', async () => {
  const { shop, dev, api, token, world } = scene;
  await scene.agree(shop, 'database:read_branches');
  const secret = 'only for this test';
  await world.run(
    'insert into client_secrets (id, client_id, secret_hash) values (gen_random_uuid(), $1, $2)',
    [api.id, sha256(secret)],
  );
  await world.run(`update clients set auth_method = 'client_secret_basic' where id = $1`, [api.id]);
  const ask = plainAnswers(database.db, issuer, counter.note);
  const resource = printId('branch', dev.id);
  const question = { clientId: api.id, token, resource, action: undefined };
  await Promise.all([1, 2, 3].map(() => ask({ ...question, clientSecret: secret })));
  expect(await ask({ ...question, clientSecret: 'wrong' })).toBe('invalid_client');
  await counter.flush();
  expect(await rows()).toEqual([{ uses: 3, today: true }]);
});
