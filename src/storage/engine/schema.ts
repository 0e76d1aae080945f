/**
 * Whether this version of Usher can run on the schema that the database has.
 *
 * A version needs every migration in its own `migrations/`. The database may have more of them, run by
 * a newer version: each of those recorded which code can live with it (`schema_compatibility`). A
 * migration without such a row can only be lived with by code that has its file.
 *
 * To let older code run on a new migration, export the newest migration that the code must know:
 *
 *     export const runsWith = '20261128203500-schema-compatibility.ts';
 *
 * @module
 */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SchemaError } from '../../lib/errors.ts';
import { withClient } from './client.ts';
import { brokeConstraint, type DatabaseAddress, type Db, statement } from './database.ts';

/** The migrations of this version. */
export const ownMigrations = join(import.meta.dirname, '../../../migrations');

/** Names of migrations, in their order. */
export interface Schema {
  /** This version needs them, and the database has not run them. */
  readonly pending: readonly string[];
  /** A newer version ran them, and this version can live with them. */
  readonly newer: readonly string[];
  /** A newer version ran them, and this version cannot live with them. */
  readonly tooNew: readonly string[];
}

/** A migration that the database has run. */
export interface RunMigration {
  readonly name: string;
  /** The newest migration that code must know to live with this one; null: this one itself. */
  readonly runs_with: string | null;
}

/** Compares what a version knows with what the database has run. */
export function compareSchema(known: readonly string[], ran: readonly RunMigration[]): Schema {
  const [own, there] = [new Set(known), new Set(ran.map(({ name }) => name))];
  const unknown = ran.filter(({ name }) => !own.has(name));
  const isLivable = ({ runs_with: needed }: RunMigration) => needed !== null && own.has(needed);
  return {
    pending: known.filter((name) => !there.has(name)),
    newer: unknown.filter(isLivable).map(({ name }) => name),
    tooNew: unknown.filter((migration) => !isLivable(migration)).map(({ name }) => name),
  };
}

/**
 * Compares the migrations in `directory` with the database; reads, and changes nothing.
 *
 * @throws {SchemaError} the database has run a migration that this version cannot live with.
 */
export async function readSchema(
  address: DatabaseAddress,
  directory: string = ownMigrations,
): Promise<Schema> {
  const [known, ran] = await Promise.all([readdir(directory), readRun(address)]);
  const schema = compareSchema(known.toSorted(), ran);
  if (schema.tooNew.length > 0) throw tooNew(schema.tooNew);
  return schema;
}

const selectRun = statement(`
  select m.name, c.runs_with from knex_migrations m
    left join schema_compatibility c on c.migration = m.name order by m.name`);

/** @returns how the migrations of this version compare with those of a database that it already runs on. */
export async function compareWithRun(db: Db): Promise<Schema> {
  const [known, ran] = await Promise.all([
    readdir(ownMigrations),
    db.query<RunMigration>(selectRun),
  ]);
  return compareSchema(known.toSorted(), ran);
}

/**
 * Makes sure that this version can run on the database as it is, without changing it.
 *
 * @returns the migrations of newer versions that it can live with; mostly none.
 * @throws {SchemaError} it cannot; the message says what to do.
 */
export async function requireSchema(address: DatabaseAddress): Promise<readonly string[]> {
  const { pending, newer } = await readSchema(address);
  if (pending.length > 0) {
    throw new SchemaError(
      `The database lacks ${count(pending)} that this version of Usher needs: ${list(pending)}. ` +
        'Run `npm run migrate` first, as the role that owns the tables.',
    );
  }
  return newer;
}

function tooNew(names: readonly string[]): SchemaError {
  return new SchemaError(
    `The database has ${count(names)} that this version of Usher cannot run with: ${list(names)}. ` +
      'Start the version that brought the database there, or a newer one; to go back, first run ' +
      '`npm run migrate -- down` with that newer version, once for each of them.',
  );
}

const count = ({ length }: readonly string[]) => `${length} migration${length === 1 ? '' : 's'}`;

function list(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

/** Nothing was ever migrated, or not as far as this table. */
const undefinedTable = '42P01';

function readRun(address: DatabaseAddress): Promise<RunMigration[]> {
  return withClient(address, async (client) => {
    const ask = async (sql: string) => (await client.query<RunMigration>(sql)).rows;
    const orElse = async (work: Promise<RunMigration[]>, other: () => Promise<RunMigration[]>) =>
      work.catch((error) => {
        if (brokeConstraint(error, undefinedTable)) return other();
        throw error;
      });
    return orElse(
      ask(`select m.name, c.runs_with from knex_migrations m
             left join schema_compatibility c on c.migration = m.name order by m.name`),
      () =>
        orElse(
          ask('select name, null as runs_with from knex_migrations order by name'),
          async () => [],
        ),
    );
  });
}
