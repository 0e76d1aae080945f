/** One snapshot an answer: two states that both deny never mix into one that allows. */

import { expect, test } from 'vitest';
import { introspect } from '../../src/introspection/introspect.ts';
import { printId } from '../../src/lib/ids.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { worldIn } from '../support/world.ts';
import { issuer, type Scenario, scenario } from './scenario.ts';

const database = forAllTests(openTestDatabase);

/**
 * Alice may delete shop only as its Database Administrator and while the consent says so. Each
 * transaction gives one of both and takes the other.
 */
async function flip({ shop, consent, alice }: Scenario, isAdmin: boolean): Promise<void> {
  const { db } = database;
  await db.run(async (tx) => {
    const { run } = worldIn(tx);
    const scope = isAdmin ? 'database:read_database' : 'database:delete_database';
    const role = isAdmin ? 'database_admin' : 'database_reader';
    await run('update database_roles set role = $1 where database_id = $2 and account_id = $3', [
      role,
      shop.id,
      alice.id,
    ]);
    await run('update consent_entries set scope = $1 where consent_id = $2', [scope, consent.id]);
  });
}

test('facts that change together are never seen apart', async () => {
  const scene = await scenario(database.db);
  const { api, shop, token, world, alice } = scene;
  await world.role(shop, alice, 'database_admin');
  await scene.agree(shop, 'database:read_database');

  let isRunning = true;
  const writing = (async () => {
    for (let turn = 0; turn < 300; turn++) await flip(scene, turn % 2 === 1);
    isRunning = false;
  })();

  const asked = { asker: api.id, token };
  const questions = [
    { ...asked, resource: printId('database', shop.id) },
    { ...asked, resource: undefined },
  ];
  const seen = new Set<string>();
  while (isRunning) {
    for (const answer of await introspect(database.db, questions, issuer)) {
      seen.add(answer.active ? (answer.scope ?? '') : 'inactive');
    }
  }
  await writing;
  expect([...seen].sort()).toEqual(['', 'database:read_database']);
});
