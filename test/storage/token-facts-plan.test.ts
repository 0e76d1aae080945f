/** What a question costs depends on the question: not on the tables, not on the size of the grant. */

import { beforeAll, expect, test } from 'vitest';
import { introspect } from '../../src/introspection/introspect.ts';
import { printId } from '../../src/lib/ids.ts';
import { type Db, statement } from '../../src/storage/engine/database.ts';
import { issuer, scenario } from '../introspection/scenario.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';

const database = forAllTests(openTestDatabase);
const scene = forAllTests(() => scenario(database.db));

/** A node of `explain (analyze, format json)`. */
interface PlanNode {
  'Node Type': string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: PlanNode[];
}

/** 2,000 other users with a consent of one entry each; one of Alice's with 500 branches of shop. */
beforeAll(async () => {
  const { acme, shop, consent, app, world } = scene;
  await world.run(`insert into accounts (id, email, name)
    select gen_random_uuid(), 'a' || n || '@example.test', 'A' from generate_series(1, 2000) n`);
  await world.run(`insert into organizations (id, slug, name)
    select gen_random_uuid(), 'o' || n, 'O' from generate_series(1, 2000) n`);
  await world.run(
    `insert into organization_members (organization_id, account_id)
     select $1, id from accounts where email like 'a%'`,
    [acme.id],
  );
  await world.run(
    `insert into databases (id, organization_id, slug)
     select gen_random_uuid(), $1, 'd' || n from generate_series(1, 2000) n`,
    [acme.id],
  );
  await world.run(`insert into branches (id, organization_id, database_id, slug, production)
    select gen_random_uuid(), organization_id, id, 'main', true from databases where slug ~ '^d'`);
  await world.run(
    `insert into branches (id, organization_id, database_id, slug)
     select gen_random_uuid(), $1, $2, 'b' || n from generate_series(1, 500) n`,
    [acme.id, shop.id],
  );
  await world.run(
    `insert into consents (id, account_id, client_id)
     select gen_random_uuid(), id, $1 from accounts where email like 'a%'`,
    [app.id],
  );
  await world.run(
    `insert into consent_entries (id, consent_id, account_id, level, organization_id, scope, version)
     select gen_random_uuid(), id, account_id, 'organization', $1, 'organization:read_branches', 1
     from consents where id <> $2`,
    [acme.id, consent.id],
  );
  await world.run(
    `insert into consent_entries (id, consent_id, account_id, level, organization_id, database_id,
       branch_id, production, scope, version)
     select gen_random_uuid(), $1, $2, 'branch', organization_id, database_id, id, production,
       'branch:read_branch', 1 from branches where database_id = $3`,
    [consent.id, consent.account_id, shop.id],
  );
  await world.run('analyze');
});

/** The most rows that one step read, to give them on or to drop them. */
function mostRead(node: PlanNode): number {
  const dropped =
    (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  const own = (node['Actual Rows'] + dropped) * node['Actual Loops'];
  return Math.max(own, ...(node.Plans ?? []).map(mostRead));
}

/** Asks through a connection that explains each statement instead of giving its rows. */
async function rowsRead(resource: string | undefined, token = scene.token): Promise<number> {
  const most: number[] = [];
  const explaining: Db = {
    query: async (wanted, values) => {
      const explain = statement(`explain (analyze, format json) ${wanted.text}`);
      const [row] = await database.db.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
        explain,
        values,
      );
      if (row) most.push(mostRead(row['QUERY PLAN'][0].Plan));
      return [];
    },
  };
  const questions = [{ asker: scene.api.id, token, resource }];
  await introspect(explaining, questions, issuer);
  return Math.max(...most);
}

test('a branch, by any name, among 500 that were picked', async () => {
  const { acme, shop, dev } = scene;
  const path = `organizations/${acme.slug}/databases/${shop.slug}/branches/${dev.slug}`;
  for (const name of [printId('branch', dev.id), path, 'external:none', 'user']) {
    expect(await rowsRead(name), name).toBeLessThanOrEqual(10);
  }
});

test('a database of an organization that has 2,000 and as many members', async () => {
  const rows = await scene.world.run(`select id from databases where slug = 'd7'`);
  const [{ id }] = rows as [{ id: string }];
  expect(await rowsRead(printId('database', id))).toBeLessThanOrEqual(10);
});

test('an organization, for a member who picked the whole of it', async () => {
  const { acme, app, world } = scene;
  const bob = await world.account();
  await world.member(acme, bob);
  const consent = await world.consent(bob, app);
  await world.entry(consent, acme, 'organization:read_branches');
  const token = await world.token(await world.grant(consent));
  expect(await rowsRead(printId('organization', acme.id), token)).toBeLessThanOrEqual(10);
  expect(await rowsRead(undefined, token)).toBeLessThanOrEqual(10);
});

test('an application that 200 organizations approved, a member of 200, a database with as many teams', async () => {
  const { acme, alice, app, dev, shop, world } = scene;
  const inManyOrganizations = `from organizations where slug ~ '^o1?\\d?\\d$'`;
  await world.run(
    `update organizations set application_policy = 'approval_required' where id = $1`,
    [acme.id],
  );
  await world.run(`insert into clients (id, name, auth_method)
    select 'once-' || n, 'Once', 'none' from generate_series(1, 5000) n`);
  await world.run(
    `insert into application_approvals (organization_id, client_id)
     select $1, id from clients where id like 'once-%'`,
    [acme.id],
  );
  await world.run(
    `insert into application_approvals (organization_id, client_id)
     select id, $1 ${inManyOrganizations}`,
    [app.id],
  );
  await world.run(
    `insert into organization_members (organization_id, account_id)
     select id, $1 ${inManyOrganizations}`,
    [alice.id],
  );
  await world.run(
    `insert into teams (id, organization_id, slug, name)
     select gen_random_uuid(), $1, 't' || n, 'T' from generate_series(1, 200) n`,
    [acme.id],
  );
  await world.run(
    `insert into team_databases (team_id, organization_id, database_id)
     select id, $1, $2 from teams where organization_id = $1`,
    [acme.id, shop.id],
  );
  await world.run(
    `insert into team_databases (team_id, organization_id, database_id)
     select t.id, $1, d.id from teams t, databases d where t.slug = 't1' and d.slug ~ '^d\\d+$'`,
    [acme.id],
  );
  await world.run(
    `insert into team_members (team_id, organization_id, account_id)
     select id, $1, $2 from teams where slug = 't2'`,
    [acme.id, alice.id],
  );
  await world.run('analyze');
  expect(await rowsRead(printId('branch', dev.id))).toBeLessThanOrEqual(10);
});
