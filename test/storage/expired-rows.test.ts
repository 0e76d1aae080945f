/** What has expired is removed in small batches, and nothing that lives. */

import { expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import { sweepExpired } from '../../src/storage/engine/expired-rows.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { inSeconds, worldIn } from '../support/world.ts';

const database = forAllTests(openTestDatabase);

const tables = ['tokens', 'grants', 'sessions', 'provider_records', 'attempt_counters'];

async function counts(): Promise<number[]> {
  const sql = tables.map((table) => `(select count(*)::int from ${table}) as ${table}`).join(', ');
  const [row] = await database.db.query<Record<string, number>>(statement(`select ${sql}`));
  return tables.map((table) => row?.[table] ?? -1);
}

/** 1,200 dead rows and one that lives, in each table that has no other to hang on. */
const fillers = [
  `insert into sessions (id, uid, payload, expires_at)
   select sha256(n::text::bytea), n::text, '{}', now() + (n * 2 - 1) * interval '1 hour'
   from generate_series(-1199, 1) n`,
  `insert into provider_records (kind, id, payload, expires_at)
   select 'Interaction', sha256(n::text::bytea), '{}', now() + (n * 2 - 1) * interval '1 hour'
   from generate_series(-1199, 1) n`,
  `insert into provider_records (kind, id, payload) values ('RegistrationAccessToken', sha256('x'), '{}')`,
  `insert into attempt_counters (bucket, attempts, window_ends_at)
   select sha256(n::text::bytea), 1, now() + (n * 2 - 1) * interval '1 hour'
   from generate_series(-1199, 1) n`,
];

test('batch by batch, until nothing dead is left', async () => {
  const world = worldIn(database.db);
  const [account, client] = [await world.account(), await world.client()];
  const consent = await world.consent(account, client);
  const live = await world.grant(consent);
  await world.token(live);
  await world.token(live, { expires_at: inSeconds(-1) });
  await world.token(await world.grant(consent, { expires_at: inSeconds(-1) }));
  for (const sql of fillers) await world.run(sql);
  expect(await counts()).toEqual([3, 2, 1201, 1202, 1201]);

  expect(await sweepExpired(database.db)).toBe(true);
  expect(await counts()).toEqual([1, 1, 701, 702, 701]);
  while (await sweepExpired(database.db));
  expect(await counts()).toEqual([1, 1, 1, 2, 1]);
});
