/**
 * One migrated database is made before the tests; every test file starts from a copy of it.
 *
 * On PostgreSQL (DATABASE_URL) the copy is `create database ... template`; on the embedded database
 * it is a dump of the data directory that is loaded into memory.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { serve } from '../../src/storage/engine/embedded-database.ts';
import { migrateUp } from '../../src/storage/engine/migrate.ts';
import { databaseUrl } from './database-url.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** What a test's database is copied from: a template's name, or a dump's path. */
    database: { template: string } | { dump: string };
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const url = process.env['DATABASE_URL'];
  return url === undefined ? setupEmbedded(project) : setupPostgres(project, url);
}

async function setupEmbedded(project: TestProject): Promise<() => Promise<void>> {
  const directory = mkdtempSync(join(tmpdir(), 'usher-template-'));
  const db = await PGlite.create();
  const served = await serve(db);
  await migrateUp(served.address);
  const dump = await db.dumpDataDir('none');
  await served.stop();
  const path = join(directory, 'template.tar');
  writeFileSync(path, new Uint8Array(await dump.arrayBuffer()));
  project.provide('database', { dump: path });
  return async () => rmSync(directory, { recursive: true, force: true });
}

async function setupPostgres(project: TestProject, url: string): Promise<() => Promise<void>> {
  const prefix = `usher_test_${process.pid}_${project.name}`;
  const template = `${prefix}_template`;
  await administer(url, `create database ${template}`);
  const address = { connectionString: databaseUrl(url, template) };
  await migrateUp({ connection: address, shared: false, poolSize: 1 });
  project.provide('database', { template });
  return async () => {
    const { rows } = await administer(
      url,
      `select datname from pg_database where datname like '${prefix}\\_%'`,
    );
    for (const { datname } of rows) await administer(url, `drop database ${datname} with (force)`);
  };
}

async function administer(url: string, sql: string): Promise<pg.QueryResult<{ datname: string }>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}
