/** `npm run migrate` makes the keys, so that nodes publish them before the first one signs with them. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { loadKeyring } from '../../src/provider/keyring.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { onlyOnPostgres, openTestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { testUsherKey } from '../support/server.ts';

const database = forAllTests(openTestDatabase);

async function migrate(): Promise<number> {
  const url = database.address.connection.connectionString ?? '';
  const env = { PATH: process.env['PATH'] ?? '', DATABASE_URL: url, USHER_KEY: testUsherKey };
  const child = spawn(process.execPath, ['src/migrate.ts'], { env, stdio: 'ignore' });
  const [code] = await once(child, 'exit');
  return code as number;
}

const signingKeys = () =>
  database.db.query<{ generation: number }>(
    statement(`select generation from keys where purpose = 'signing' order by generation`),
  );

test(
  ...onlyOnPostgres(
    'it makes both signing keys, and only the one that is missing',
    'the program has an embedded database of its own',
  ),
  async () => {
    expect(await migrate()).toBe(0);
    expect(await signingKeys()).toHaveLength(2);
    const made = (await loadKeyring(database.db, testUsherKey)).signing;
    expect(made.map(({ alg }) => alg).toSorted()).toEqual(['ES256', 'RS256']);

    const rsa = made.findIndex(({ alg }) => alg === 'RS256'); // unsettled: in order of generation
    const [gone] = (await signingKeys()).slice(rsa);
    await database.db.query(
      statement(`delete from keys where purpose = 'signing' and generation = $1`),
      [gone?.generation],
    );
    expect(await migrate()).toBe(0);
    const after = (await loadKeyring(database.db, testUsherKey)).signing;
    const elliptic = (keys: typeof made) => keys.find(({ alg }) => alg === 'ES256')?.kid;
    expect(elliptic(after)).toBe(elliptic(made));
    expect(after.map(({ alg }) => alg).toSorted()).toEqual(['ES256', 'RS256']);
  },
);
