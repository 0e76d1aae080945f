/** What the benchmark asks about is what Usher itself would have written. */

import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { introspect } from '../../src/introspection/introspect.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { asker } from './actors.ts';
import { askedTokens } from './asked-tokens.ts';
import { branchScope, fill } from './fill.ts';
import { addStock } from './stock.ts';
import { addWideConsents, addWideOrganization } from './wide-consents.ts';

const tokens = 2_000;
const asked = askedTokens(tokens);
let database: TestDatabase;
let client: pg.Client;
let indexes: unknown[];

beforeAll(async () => {
  database = await openTestDatabase();
  client = new pg.Client(database.address.connection);
  await client.connect();
  indexes = await listIndexes();
  await fill(client, { tokens, asked });
});

afterAll(async () => {
  await client?.end();
  await database?.close();
});

test('every asked token is live and may do on its branch what the answers are checked for', async () => {
  const questions = asked.map(({ token, branch }) => ({
    asker: asker.id,
    token,
    resource: branch,
  }));
  const answers = await introspect(database.db, questions, 'http://localhost');
  expect(answers).toHaveLength(tokens / 2);
  for (const [index, answer] of answers.entries()) {
    expect(answer).toMatchObject({
      active: true,
      scope: branchScope,
      resource: { identifier: asked[index]?.branch, production: false },
    });
  }
});

test('the rows are as many as said, and refer to rows that exist', async () => {
  const counted = await client.query(`
    select (select count(*)::int from tokens) as tokens,
           (select count(*)::int from accounts) as members,
           (select count(*)::int from organizations) as organizations`);
  expect(counted.rows).toEqual([{ tokens, members: 200, organizations: 2 }]);
  expect(await orphans()).toEqual([]);
});

test('the indexes are those of the migrations again', async () => {
  expect(await listIndexes()).toEqual(indexes);
});

test.each(['AuthorizationCode', 'RefreshToken'] as const)(
  '%s in stock: a grant each',
  async (kind) => {
    await addStock(
      client,
      kind,
      ['one', 'two', 'three'].map((word) => `${kind} ${word}`),
    );
    const { rows } = await client.query(
      `select count(distinct t.grant_id)::int as grants from tokens t join grants g on g.id = t.grant_id
      where t.kind = $1 and t.grant_id like 'stock %'`,
      [kind],
    );
    expect(rows).toEqual([{ grants: 3 }]);
  },
);

test('a token under a consent of many entries may use each of them', async () => {
  await addWideOrganization(client);
  const wide = await addWideConsents(client, 500, 2);
  const questions = wide.slice(-5).map(({ token, branch }) => {
    return { asker: asker.id, token, resource: branch };
  });
  const answers = await introspect(database.db, questions, 'http://localhost');
  for (const answer of answers) expect(answer).toMatchObject({ active: true, scope: branchScope });
});

function listIndexes() {
  return database.db.query(
    statement(`select indexdef from pg_indexes where schemaname = 'public' order by indexdef`),
  );
}

/** Foreign keys are not checked while filling: here they are, by making each of them anew. */
async function orphans(): Promise<string[]> {
  const { rows } = await client.query<{ name: string; check: string }>(`
    select conname as name, format('alter table %s add constraint checked %s',
        conrelid::regclass, pg_get_constraintdef(oid)) as check
      from pg_constraint where contype = 'f'`);
  const broken: string[] = [];
  for (const { name, check } of rows) {
    await client.query('begin');
    await client.query(check).catch(() => broken.push(name));
    await client.query('rollback');
  }
  return broken;
}
