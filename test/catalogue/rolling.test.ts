/**
 * A rolling restart: two nodes on one PostgreSQL, the second with the next catalogue. Each decides by its
 * own file, and what the first one does not know gives nothing there.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultDirectory, loadCatalogue } from '../../src/catalogue-files/load.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { onlyOnPostgres, openTestDatabase, type TestDatabase } from '../support/database.ts';
import { freePort } from '../support/free-port.ts';
import { demoApi } from '../support/oauth.ts';
import { type Program, runProgramFile, serving } from '../support/program.ts';
import { testUsherKey } from '../support/server.ts';
import { changed, oneMoreScope, tune } from './copies.ts';
import { askFor, register, scopesOn } from './served.ts';

const shop = 'organizations/acme/databases/shop';
const email = 'member@acme.test';
const read = 'database:read_database';

/** The next catalogue: one more scope, and one more role. */
const nextCatalogue = () =>
  changed(...oneMoreScope, [
    'roles.json',
    (json) =>
      json.database.unshift({
        id: 'database_tuner',
        name: 'Database Tuner',
        permissions: ['view_database', 'view_query_statistics'],
      }),
  ]);

const takeBase = statement(`update organizations set base_role = 'none' where slug = 'acme'`);
const takeRoles = statement(
  'delete from database_roles where account_id = (select id from accounts where email = $1)',
);
const giveRole = statement(`
  insert into database_roles (organization_id, database_id, account_id, role)
  select d.organization_id, d.id, a.id, 'database_tuner'
  from databases d join organizations o on o.id = d.organization_id, accounts a
  where o.slug = 'acme' and d.slug = 'shop' and a.email = $1`);

describe(...onlyOnPostgres('two catalogues', 'one embedded database has one process'), () => {
  const next = nextCatalogue();
  const nodes: { issuer: string; program: Program }[] = [];
  let database: TestDatabase;

  beforeAll(async () => {
    database = await openTestDatabase();
    const ports = [await freePort(), await freePort()];
    for (const [at, catalogue] of [defaultDirectory, next].entries()) {
      const program = runProgramFile('main.ts', [], {
        CATALOGUE: catalogue,
        ISSUER: `http://localhost:${ports[1]}`,
        PORT: String(ports[at]),
        DATABASE_URL: database.address.connection.connectionString ?? '',
        DRAIN_SECONDS: '0',
        USHER_KEY: testUsherKey,
        DEMO: 'on',
        LOG_LEVEL: 'warn',
      });
      await serving(program);
      nodes.push({ issuer: `http://localhost:${ports[at]}`, program });
    }
  }, 120_000);
  afterAll(async () => {
    for (const { program } of nodes) program.child.kill('SIGTERM');
    await Promise.all(nodes.map(({ program }) => program.exited));
    await database.close();
  });

  test('each tells its own digest, and publishes its own scopes', async () => {
    for (const [at, directory] of [defaultDirectory, next].entries()) {
      const { digest } = loadCatalogue(directory);
      const ready = await (await fetch(`${nodes[at]?.issuer}/readyz`)).json();
      const published = await (await fetch(`${nodes[at]?.issuer}/scopes.json`)).json();
      expect([ready, published]).toMatchObject([
        { status: 'ready', catalogue: digest },
        { catalogue: digest },
      ]);
      const names = (published as { scopes: { scope: string }[] }).scopes.map((row) => row.scope);
      expect(names.includes(tune)).toBe(directory === next);
    }
  });

  test('each decides by its own: an unknown scope and an unknown role give nothing, and it is logged', async () => {
    const [before, after] = nodes;
    if (before === undefined || after === undefined) throw new Error('there are not two nodes');
    const application = await register(after, `${tune} ${read}`);
    const asked = { email, scope: `${tune} ${read}`, paths: ['acme/shop'] };
    const { body } = await askFor(after, application, asked);
    const on = (node: { issuer: string }) => scopesOn(node, demoApi, body.access_token, shop);
    expect(await on(after)).toEqual([read, tune]);
    expect(await on(before), 'it does not know the scope').toEqual([read]);

    await database.db.query(takeBase, []);
    await database.db.query(takeRoles, [email]);
    await database.db.query(giveRole, [email]);
    expect(await on(after)).toEqual([read, tune]);
    expect(await on(before), 'it does not know the role').toEqual(['']);
    await expect
      .poll(() => before.program.output())
      .toMatch(/"role":"database_tuner".*a role that this catalogue lacks gives nothing/);
    expect(after.program.output()).not.toContain('lacks gives nothing');
  });
});
