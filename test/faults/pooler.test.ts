/** Debian's PgBouncer between Usher and PostgreSQL: it works, or is refused with what to do. */

import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  decidingStatement,
  openDatabase,
  statement,
  throughPooler,
} from '../../src/storage/engine/database.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { databaseUrl } from '../support/database-url.ts';
import { onlyWithPackage, type Service, startService } from '../support/debian.ts';
import { freePort } from '../support/free-port.ts';
import { databaseUser } from '../support/postgres-pair.ts';
import { runProgramFile, serving } from '../support/program.ts';
import { testUsherKey } from '../support/server.ts';

const pgbouncer = '/usr/sbin/pgbouncer';

describe(...onlyWithPackage('PgBouncer', pgbouncer), () => {
  const directory = mkdtempSync(join(tmpdir(), 'usher-pooler-'));
  const user = databaseUser();
  let database: TestDatabase;
  let direct: URL;
  beforeAll(async () => {
    database = await openTestDatabase();
    direct = new URL(database.address.connection.connectionString ?? '');
    if (user.uid !== undefined && user.gid !== undefined) chownSync(directory, user.uid, user.gid);
    chmodSync(directory, 0o755);
  });
  afterAll(async () => {
    await database.close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function pooled(
    lines: readonly string[],
    work: (url: string) => Promise<void>,
  ): Promise<void> {
    const port = await freePort();
    const file = join(directory, `${port}.ini`);
    writeFileSync(
      file,
      [
        '[databases]',
        `* = host=${direct.hostname} port=${direct.port || 5432} user=${direct.username}`,
        '[pgbouncer]',
        'listen_addr = 127.0.0.1',
        `listen_port = ${port}`,
        'auth_type = any',
        'unix_socket_dir =',
        'default_pool_size = 30',
        ...lines,
      ].join('\n'),
    );
    const service: Service = await startService(pgbouncer, [file], port, user);
    const url = new URL(direct);
    [url.hostname, url.port] = ['127.0.0.1', String(port)];
    try {
      await work(databaseUrl(url.href, direct.pathname.slice(1)));
    } finally {
      await service.stop();
    }
  }

  async function start(url: string) {
    const port = await freePort();
    const program = runProgramFile('main.ts', [], {
      DATABASE_URL: url,
      USHER_KEY: testUsherKey,
      PORT: String(port),
      DRAIN_SECONDS: '0',
    });
    return { program, issuer: `http://127.0.0.1:${port}` };
  }

  test.each([
    ['refuses the settings', []],
    ['drops the settings without a word', ['ignore_startup_parameters = options']],
  ])('in session mode works where it %s', async (_what, lines) => {
    await pooled(['pool_mode = session', ...lines], async (url) => {
      const { program, issuer } = await start(url);
      await serving(program);
      expect((await fetch(`${issuer}/readyz`)).status).toBe(200);
      program.child.kill('SIGTERM');
      expect(await program.exited).toBe(0);

      const address = { connection: { connectionString: url }, shared: false, poolSize: 4 };
      const db = openDatabase(await throughPooler(address));
      const told = `
        select name, setting from pg_settings
         where name in ('plan_cache_mode', 'statement_timeout', 'enable_seqscan') order by name`;
      const settings = (seqscan: string, mode: string) => [
        { name: 'enable_seqscan', setting: seqscan },
        { name: 'plan_cache_mode', setting: mode },
        { name: 'statement_timeout', setting: '3000' },
      ];
      const [list, deciding] = [statement(told), decidingStatement(told)];
      for (const rows of await Promise.all([db.query(list), db.query(list)])) {
        expect(rows).toEqual(settings('on', 'auto'));
      }
      for (const rows of await Promise.all([db.query(deciding), db.query(deciding)])) {
        expect(rows).toEqual(settings('off', 'force_generic_plan'));
      }
      await db.close();
    });
  });

  test('in transaction mode is refused: first for the settings, then for prepared statements', async () => {
    const lines = ['pool_mode = transaction', 'ignore_startup_parameters = options'];
    let commands: string[] = [];
    await pooled(lines, async (url) => {
      const { program } = await start(url);
      expect(await program.exited).toBe(1);
      expect(program.output()).toContain('DATABASE_URL: a pooler in transaction mode');
      expect(program.output()).not.toMatch(/^ +at /m);
      commands = program.output().match(/alter role .*;/g) ?? [];
      expect(commands).toHaveLength(10);
    });
    const client = new pg.Client({ connectionString: direct.href });
    await client.connect();
    for (const command of commands) await client.query(command);
    await client.end();
    await pooled(lines, async (url) => {
      const { program } = await start(url);
      expect(await program.exited).toBe(1);
      expect(program.output()).toMatch(/forgets prepared statements.*max_prepared_statements/);
      expect(program.output()).not.toMatch(/^ +at /m);
    });
  });
});
