/** A migrated, empty database for one test file: a copy of what global-setup.ts made. */

import { openAsBlob } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { inject } from 'vitest';
import {
  type Database,
  type DatabaseAddress,
  openDatabase,
} from '../../src/storage/engine/database.ts';
import { serve } from '../../src/storage/engine/embedded-database.ts';
import { databaseUrl } from './database-url.ts';

export interface TestDatabase {
  readonly db: Database;
  readonly address: DatabaseAddress;
  close(): Promise<void>;
}

/** Whether the tests run on a real PostgreSQL. */
export const onPostgres = process.env['DATABASE_URL'] !== undefined;

/**
 * What a test or a suite begins with that runs on PostgreSQL only: its title, which says why it is
 * skipped where it is, and whether it is.
 */
export function onlyOnPostgres(title: string, why: string): [string, { skip: boolean }] {
  return [onPostgres ? title : `${title} (skipped: ${why})`, { skip: !onPostgres }];
}

let made = 0;

/** Makes a database of its own; `close` gives it back. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const source = inject('database');
  const { address, stop } =
    'dump' in source ? await loadDump(source.dump) : await copyTemplate(source.template);
  const db = openDatabase(address);
  return { db, address, close: () => db.close().then(stop) };
}

/** As `openTestDatabase`, for tests of what takes a `Db`: the database itself. */
export async function openDb(): Promise<Database & Pick<TestDatabase, 'address'>> {
  const { db, address, close } = await openTestDatabase();
  return { ...db, address, close };
}

async function loadDump(path: string) {
  const db = await PGlite.create({ loadDataDir: await openAsBlob(path) });
  return serve(db);
}

async function copyTemplate(template: string) {
  const url = process.env['DATABASE_URL'] ?? '';
  made += 1;
  const name = template.replace('template', `${process.pid}_${made}`);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`create database ${name} template ${template}`);
  await client.end();
  const connection = { connectionString: databaseUrl(url, name) };
  return { address: { connection, shared: false, poolSize: 10 }, stop: async () => {} };
}
