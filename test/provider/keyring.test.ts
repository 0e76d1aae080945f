/** Keys are made once, shared by all nodes, and worth nothing without USHER_KEY. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { WrongKeyError } from '../../src/lib/errors.ts';
import { loadKeyring } from '../../src/provider/keyring.ts';
import { statement } from '../../src/storage/database.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

const usherKey = 'one key to wrap them all, 32 characters';
let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

test('nodes that start at the same moment agree on one set of keys', async () => {
  const rings = await Promise.all([1, 2, 3, 4].map(() => loadKeyring(database.db, usherKey)));
  for (const ring of rings) expect(ring).toEqual(rings[0]);
  expect(rings[0]?.signing[0]).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256' });
  expect(rings[0]?.form).toHaveLength(32);
});

test('another USHER_KEY opens nothing', async () => {
  await expect(loadKeyring(database.db, `another ${usherKey}`)).rejects.toThrow(WrongKeyError);
});

test('the table holds no key in clear', async () => {
  const { signing, cookie } = await loadKeyring(database.db, usherKey);
  const rows = await database.db.query<{ text: string }>(
    statement(`select encode(wrapped, 'escape') || encode(wrapped, 'base64') as text from keys`),
  );
  const stored = rows.map(({ text }) => text).join('\n');
  expect(stored).not.toContain(String(signing[0]?.['d']));
  expect(stored).not.toContain(cookie[0]);
});
