/** The database gives every caller its own answer, however many ask at the same moment. */

import { expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';

const database = forAllTests(openTestDatabase);

test('of 200 parallel statements each gets what it asked for', async () => {
  const asked = Array.from({ length: 200 }, (_, n) => n);
  const answers = await Promise.all(
    asked.map(async (n) => {
      const [row] = await database.db.query<{ n: number }>(
        statement(`select $1::int as n /* ${n % 7} */`),
        [n],
      );
      return row?.n;
    }),
  );
  expect(answers).toEqual(asked);
});

test('statements beside transactions neither mix nor wait for ever', async () => {
  const { db } = database;
  const asked = Array.from({ length: 60 }, (_, n) => n);
  const one = statement('select $1::int as n');
  const answers = await Promise.all(
    asked.map(async (n) => {
      if (n % 3 > 0) return (await db.query<{ n: number }>(one, [n]))[0]?.n;
      return db.run(async (tx) => {
        await tx.query(one, [-n]);
        return (await tx.query<{ n: number }>(one, [n]))[0]?.n;
      });
    }),
  );
  expect(answers).toEqual(asked);
});
