/** The demo data is what its documentation says, and is written once. */

import { expect, test } from 'vitest';
import { verifyPassword } from '../../src/accounts/password-hashing.ts';
import { demoPassword } from '../../src/demo/demo-data.ts';
import { followIssuer, seedDemo } from '../../src/demo/seed.ts';
import { isClientSecret } from '../../src/storage/clients/client-secrets.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';

const database = forAllTests(openTestDatabase);

const rows = <Row extends object>(sql: string) => database.db.query<Row>(statement(sql));

test('seeds an empty database, of several nodes one, and leaves one with accounts alone', async () => {
  const seed = () => seedDemo(database.db, 'http://localhost:3000');
  expect((await Promise.all([seed(), seed(), seed()])).toSorted()).toEqual([false, false, true]);
  expect(await seedDemo(database.db, 'http://localhost:3000')).toBe(false);
});

test('every account has the password of the documentation', async () => {
  const accounts = await rows<{ password_hash: string }>('select password_hash from accounts');
  expect(accounts).toHaveLength(11);
  expect(await verifyPassword(accounts[0]?.password_hash, demoPassword)).toBe(true);
});

test('roles are given directly and through the team', async () => {
  const direct = await rows(`
    select a.email, d.slug, r.role from database_roles r
    join accounts a on a.id = r.account_id join databases d on d.id = r.database_id order by 1`);
  expect(direct).toEqual([
    { email: 'consultant@vault.test', slug: 'ledger', role: 'database_admin' },
    { email: 'dba@acme.test', slug: 'shop', role: 'database_admin' },
    { email: 'developer@acme.test', slug: 'shop', role: 'database_developer' },
    { email: 'developer@vault.test', slug: 'ledger', role: 'database_developer' },
    { email: 'reader@vault.test', slug: 'ledger', role: 'database_reader' },
  ]);
  const byTeam = await rows(`
    select a.email, d.slug from team_members m join team_databases t on t.team_id = m.team_id
    join accounts a on a.id = m.account_id join databases d on d.id = t.database_id`);
  expect(byTeam).toEqual([{ email: 'team@acme.test', slug: 'analytics' }]);
});

test('only the branches called main are production', async () => {
  const branches = await rows<{ slug: string; production: boolean }>(
    'select slug, production from branches',
  );
  expect(branches).toHaveLength(8);
  expect(branches.every(({ slug, production }) => production === (slug === 'main'))).toBe(true);
});

test('clients have their secrets, as hashes', async () => {
  expect(await isClientSecret(database.db, 'demo-app', 'demo-app-secret')).toBe(true);
  expect(await isClientSecret(database.db, 'demo-app', 'tiny-app-secret')).toBe(false);
});

test('its own application follows the issuer, and keeps what else was registered', async () => {
  const uris = async () =>
    (
      await rows<{ redirect_uris: string[] }>(
        `select redirect_uris from clients where id = 'demo-app'`,
      )
    )[0]?.redirect_uris;
  await followIssuer(database.db, 'http://localhost:3001');
  const followed = ['http://localhost:3001/demo/callback', 'http://localhost:8765/callback'];
  expect(await uris()).toEqual(followed);
  await followIssuer(database.db, 'http://localhost:3001');
  expect(await uris()).toEqual(followed);
  const others = await rows<{ redirect_uris: string[] }>(
    `select redirect_uris from clients where id = 'tiny-app'`,
  );
  expect(others).toEqual([{ redirect_uris: ['http://localhost:8766/callback'] }]);
});
