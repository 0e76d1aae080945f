/** Uses are counted in memory, bounded, and written apart from the answers. */

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { plainAnswers } from '../../src/introspection/plain-answers.ts';
import { createUseCounter, type UseCounter } from '../../src/introspection/use-counter.ts';
import { printId } from '../../src/lib/ids.ts';
import { sha256 } from '../../src/lib/secrets.ts';
import { usedResources } from '../../src/storage/clients/application-uses.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { issuer, type Scenario, scenario } from './scenario.ts';

let database: TestDatabase;
let scene: Scenario;
let counter: UseCounter;
const failures: unknown[] = [];

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  scene = await scenario(database.db);
  counter = createUseCounter(database.db, (error) => failures.push(error));
  return () => counter.stop();
});

const used = (days = 90) =>
  usedResources(database.db, { organizationId: scene.acme.id, clientId: scene.app.id }, days);

async function use(kind: 'organization' | 'database' | 'branch', id: string, asker = scene.api.id) {
  counter.note(await scene.ask(printId(kind, id)), asker);
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
  counter.note(await scene.ask(), scene.api.id);
  counter.note(await scene.ask('user'), scene.api.id);
  await counter.flush();
  expect(await rows()).toEqual([]);
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

test('only so many are kept; what is known already goes on counting', async () => {
  const { shop, main, dev } = scene;
  await scene.agree(shop, 'database:read_branches');
  const small = createUseCounter(database.db, (error) => failures.push(error), 1);
  const [first, second] = [
    await scene.ask(printId('branch', dev.id)),
    await scene.ask(printId('branch', main.id)),
  ];
  for (const answer of [first, second, first]) small.note(answer, scene.api.id);
  await small.stop();
  expect(await rows()).toEqual([{ uses: 2, today: true }]);
});

test('a database that refuses is told of, and counting goes on', async () => {
  const { shop, dev } = scene;
  await scene.agree(shop, 'database:read_branches');
  const heard: unknown[] = [];
  const refusing = { ...database.db, query: () => Promise.reject(new Error('no')) };
  const deaf = createUseCounter(refusing, (error) => heard.push(error));
  deaf.note(await scene.ask(printId('branch', dev.id)), scene.api.id);
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
  const ask = plainAnswers(database.db, issuer, undefined, counter.note);
  const question = { clientId: api.id, token, resource: printId('branch', dev.id) };
  await Promise.all([1, 2, 3].map(() => ask({ ...question, clientSecret: secret })));
  expect(await ask({ ...question, clientSecret: 'wrong' })).toBe('invalid_client');
  await counter.flush();
  expect(await rows()).toEqual([{ uses: 3, today: true }]);
});
