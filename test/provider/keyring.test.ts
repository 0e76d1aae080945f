/** Keys are made once, shared by all nodes, and worth nothing without USHER_KEY. */

import { expect, test } from 'vitest';
import { WrongKeyError } from '../../src/lib/errors.ts';
import { loadKeyring } from '../../src/provider/keyring.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';

const usherKey = 'one key to wrap them all, 32 characters';
const database = forAllTests(openTestDatabase);

test('nodes that start at the same moment agree on one set of keys', async () => {
  const rings = await Promise.all([1, 2, 3, 4].map(() => loadKeyring(database.db, usherKey)));
  for (const ring of rings) expect(ring).toEqual(rings[0]);
  expect(rings[0]?.signing).toHaveLength(2);
  expect(rings[0]?.signing).toContainEqual(
    expect.objectContaining({ kty: 'EC', crv: 'P-256', alg: 'ES256' }),
  );
  const rsa = rings[0]?.signing.find(({ alg }) => alg === 'RS256');
  expect(Buffer.from(rsa?.n ?? '', 'base64url')).toHaveLength(2048 / 8);
  expect(rings[0]?.form).toHaveLength(32);
});

test('another USHER_KEY opens nothing', async () => {
  await expect(loadKeyring(database.db, `another ${usherKey}`)).rejects.toThrow(WrongKeyError);
});

test('an installation that has ES256 alone gets RS256 beside it, once, and keeps its own key', async () => {
  const { signing } = await loadKeyring(database.db, usherKey);
  const es256 = signing.find(({ alg }) => alg === 'ES256')?.kid;
  // Neither has settled, so they are listed in the order of their generations.
  const place = signing.findIndex(({ alg }) => alg === 'RS256');
  await database.db.query(
    statement(`delete from keys where purpose = 'signing' and generation = $1`),
    [place + 1],
  );
  const rings = await Promise.all([1, 2].map(() => loadKeyring(database.db, usherKey)));
  const kids = rings.map((ring) => ring.signing.map(({ alg, kid }) => ({ alg, kid })));
  expect(kids[0]).toEqual(kids[1]);
  expect(kids[0]?.map(({ alg }) => alg).toSorted()).toEqual(['ES256', 'RS256']);
  expect(kids[0]).toContainEqual({ alg: 'ES256', kid: es256 });
});

test('the table holds no key in clear', async () => {
  const { signing, cookie } = await loadKeyring(database.db, usherKey);
  const rows = await database.db.query<{ text: string }>(
    statement(`select encode(wrapped, 'escape') || encode(wrapped, 'base64') as text from keys`),
  );
  const stored = rows.map(({ text }) => text).join('\n');
  for (const { d } of signing) expect(stored).not.toContain(String(d));
  expect(stored).not.toContain(cookie[0]);
});
