/** A rollout's faults: a migration behind a slow reader, and processes of an older version. */

import { describe, expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import { migrateUp } from '../../src/storage/engine/migrate.ts';
import { migrateDown, previewDown } from '../../src/storage/engine/migrate-down.ts';
import { requireSchema } from '../../src/storage/engine/schema.ts';
import { onlyOnPostgres } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { freePort } from '../support/free-port.ts';
import { newerVersion } from '../support/newer-version.ts';
import { startProcesses } from '../support/processes.ts';
import { runProgramFile, serving } from '../support/program.ts';
import { testUsherKey } from '../support/server.ts';

const compatibility = '20261128203500-schema-compatibility.ts';

describe(...onlyOnPostgres('a rollout', 'several processes need a server'), () => {
  const processes = forAllTests(() => startProcesses(2));

  const addressOf = () => processes.nodes[0].database.address;
  const settings = async () => ({
    DATABASE_URL: addressOf().connection.connectionString ?? '',
    USHER_KEY: testUsherKey,
    PORT: String(await freePort()),
    DRAIN_SECONDS: '0',
  });

  /** Asks each process once about a token that it has to look for in the database. */
  async function ask(): Promise<number[]> {
    const body = new URLSearchParams({ token: 'usher_at_0' });
    const authorization = `Basic ${Buffer.from('demo-api:demo-api-secret').toString('base64')}`;
    const questions = processes.nodes.map(async ({ issuer }) => {
      const page = await fetch(`${issuer}/oauth/authorize?client_id=demo-app`, {
        redirect: 'manual',
      });
      await page.text();
      const answer = await fetch(`${issuer}/oauth/introspect`, {
        method: 'POST',
        headers: { authorization },
        body,
      });
      await answer.text();
      return [page.status, answer.status];
    });
    return (await Promise.all(questions)).flat();
  }

  test('a migration that waits for a slow reader makes no request wait or fail', async () => {
    const usual = await ask();
    const newer = newerVersion({
      up: 'alter table clients add column to_come int',
      down: 'alter table clients drop column to_come',
      runsWith: compatibility,
    });
    const { directory, name } = newer;
    const { db } = processes.nodes[0].database;
    const reader = await db.begin();
    await reader.query(statement('select id from clients'));
    const migrated = migrateUp(addressOf(), { directory });
    const tried = statement(`select 1 from pg_locks where not granted
                                and relation = 'clients'::regclass`);
    await expect.poll(() => db.query(tried), { interval: 5, timeout: 30_000 }).toHaveLength(1);
    for (let round = 0; round < 30; round += 1) expect(await ask()).toEqual(usual);
    await reader.rollback();
    expect(await migrated).toEqual([name]);
    expect(await ask()).toEqual(usual);
    expect(await migrateDown(addressOf(), { directory })).toBe(name);
    newer.remove();
  });

  test('a migration that never gets its locks gives up, and says who holds them', async () => {
    const newer = newerVersion({ up: 'alter table clients add column to_come int', down: '' });
    const { db } = processes.nodes[0].database;
    const reader = await db.begin();
    await reader.query(statement('select id from clients'));
    await expect(
      migrateUp(addressOf(), { directory: newer.directory, attempts: 3 }),
    ).rejects.toThrow(/could not lock .* nothing of it was done.*select id from clients/);
    await reader.rollback();
    newer.remove();
  });

  test('an index is built beside traffic, while another node waits for its turn to migrate', async () => {
    const newer = newerVersion({
      up: 'create index concurrently to_come on clients (created_at)',
      down: 'drop index concurrently to_come',
      runsWith: compatibility,
      isOutside: true,
    });
    const { directory, name } = newer;
    const done = await Promise.all([1, 2, 3].map(() => migrateUp(addressOf(), { directory })));
    expect(done.flat()).toEqual([name]);
    expect(await previewDown(addressOf(), { directory })).toEqual({ name, drops: undefined });
    expect(await migrateDown(addressOf(), { directory })).toBe(name);
    expect(await requireSchema(addressOf())).toEqual([]);
    newer.remove();
  });

  test('older code starts on a newer schema that it can live with, and logs that', async () => {
    const newer = newerVersion({
      up: 'alter table clients add column to_come int',
      down: 'alter table clients drop column to_come',
      runsWith: compatibility,
    });
    const { directory, name } = newer;
    await migrateUp(addressOf(), { directory });
    const program = runProgramFile('main.ts', [], await settings());
    await serving(program);
    expect(program.output()).toMatch(
      new RegExp(`"newer":\\["${name}"\\],.*this one can run with that`),
    );
    program.child.kill('SIGTERM');
    expect(await program.exited).toBe(0);
    const operator = runProgramFile('operator.ts', ['operator', 'list'], await settings());
    expect([await operator.exited, operator.output()]).toEqual([0, expect.stringContaining(name)]);
    await migrateDown(addressOf(), { directory });
    newer.remove();
  });

  test('older code refuses a newer schema that it cannot live with, in a sentence', async () => {
    const newer = newerVersion({
      up: 'alter table clients add column to_come int',
      down: 'alter table clients drop column to_come',
    });
    const { directory, name } = newer;
    await migrateUp(addressOf(), { directory });
    const programs: [string, string[]][] = [
      ['main.ts', []],
      ['migrate.ts', []],
      ['operator.ts', ['operator', 'add', 'somebody@example.com']],
    ];
    for (const [file, words] of programs) {
      const refused = runProgramFile(file, words, await settings());
      expect(await refused.exited).toBe(1);
      expect(refused.output()).toContain(`cannot run with: ${name}. Start the version`);
      expect(refused.output()).not.toMatch(/^ +at /m);
    }
    await migrateDown(addressOf(), { directory });
    newer.remove();
  });

  test('in production a step back is refused without --yes-drop, and names what it drops', async () => {
    const production = {
      ...(await settings()),
      NODE_ENV: 'production',
      ISSUER: 'https://auth.example.com',
    };
    const refused = runProgramFile('migrate.ts', ['down'], production);
    expect(await refused.exited).toBe(1);
    expect(refused.output()).toMatch(/^Taking back \S+ drops(?: nothing)?[:.]\n/);
    expect(refused.output()).toContain('--yes-drop');
    const taken = runProgramFile('migrate.ts', ['down', '--yes-drop'], production);
    expect(await taken.exited).toBe(0);
    expect(taken.output()).toMatch(/took back \S+\.ts\n$/);
    const again = runProgramFile('migrate.ts', [], production);
    expect(await again.exited).toBe(0);
    expect(again.output()).toMatch(/^ran \S+\.ts\n1 migrations\n$/);
  });
});
