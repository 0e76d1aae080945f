/** PostgreSQL that takes TLS only, with a certificate of a CA of one's own. */

import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  makeCertificates,
  onlyWithPackage,
  type Service,
  startService,
} from '../support/debian.ts';
import { freePort } from '../support/free-port.ts';
import { databaseUser } from '../support/postgres-pair.ts';
import { runProgramFile, serving } from '../support/program.ts';
import { testUsherKey } from '../support/server.ts';

const programs = process.env['PG_PROGRAMS'] ?? '/usr/lib/postgresql/15/bin';

describe(...onlyWithPackage('a database behind TLS', join(programs, 'initdb')), () => {
  const directory = mkdtempSync(join(tmpdir(), 'usher-tls-'));
  let service: Service;
  let port: number;
  let ca: string;

  beforeAll(async () => {
    port = await freePort();
    const made = makeCertificates(directory);
    ca = made.ca;
    const user = databaseUser();
    if (user.uid !== undefined && user.gid !== undefined) {
      for (const path of [directory, made.key]) chownSync(path, user.uid, user.gid);
    }
    chmodSync(made.key, 0o600);
    chmodSync(directory, 0o755);
    const data = join(directory, 'data');
    const words = ['-D', data, '-U', 'usher', '-A', 'trust', '--no-sync'];
    execFileSync(join(programs, 'initdb'), words, { ...user, cwd: directory, stdio: 'ignore' });
    writeFileSync(join(data, 'pg_hba.conf'), 'hostssl all all 127.0.0.1/32 trust\n');
    const settings = {
      ssl: 'on',
      ssl_cert_file: made.certificate,
      ssl_key_file: made.key,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      fsync: 'off',
    };
    const set = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
    const started = ['-D', data, '-p', String(port), ...set];
    service = await startService(join(programs, 'postgres'), started, port, user, 'SIGINT');
    await untilItAnswers();
  });
  afterAll(async () => {
    await service.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  async function untilItAnswers(): Promise<void> {
    for (;;) {
      const ssl = { ca: readFileSync(ca, 'utf8') };
      const client = new pg.Client({
        host: '127.0.0.1',
        port,
        user: 'usher',
        database: 'postgres',
        ssl,
      });
      client.on('error', () => {});
      try {
        await client.connect();
        await client.end();
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  const settings = async (query: string) => ({
    DATABASE_URL: `postgres://usher@127.0.0.1:${port}/postgres${query}`,
    USHER_KEY: testUsherKey,
    PORT: String(await freePort()),
    DRAIN_SECONDS: '0',
  });

  test('with sslmode=verify-full and its CA, the commands migrate and the process serves', async () => {
    const trusted = await settings(`?sslmode=verify-full&sslrootcert=${ca}`);
    const migrated = runProgramFile('migrate.ts', [], trusted);
    expect([await migrated.exited, migrated.output()]).toEqual([0, expect.stringContaining('ran')]);
    const program = runProgramFile('main.ts', [], trusted);
    await serving(program);
    const ready = await fetch(`http://127.0.0.1:${trusted.PORT}/readyz`);
    expect(ready.status).toBe(200);
    program.child.kill('SIGTERM');
    expect(await program.exited).toBe(0);
  });

  test.each([
    [
      'without the CA',
      '?sslmode=verify-full',
      /certificate of the database is not trusted.*sslrootcert=/,
    ],
    ['without TLS', '', /the database refuses this: .*no encryption/],
  ])('%s it is refused in a sentence', async (_what, query, words) => {
    const refused = runProgramFile('main.ts', [], await settings(query));
    expect(await refused.exited).toBe(1);
    expect(refused.output()).toMatch(words);
    expect(refused.output()).not.toMatch(/^ +at /m);
  });
});
