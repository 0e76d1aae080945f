/**
 * Takes back the newest migration, and says beforehand what that drops.
 *
 * What is dropped is not a list that somebody keeps: the step is done in a transaction, the database's
 * catalog is compared, and the transaction is rolled back.
 *
 * @module
 */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Knex } from 'knex';
import { SchemaError } from '../../lib/errors.ts';
import type { DatabaseAddress } from './database.ts';
import {
  freeLock,
  limitLocks,
  type MigrationOptions,
  migrating,
  untilUnlocked,
} from './migrate.ts';
import { ownMigrations, readSchema } from './schema.ts';

/** One step back. */
export interface StepBack {
  /** The migration that is taken back. */
  readonly name: string;
  /** What is gone afterwards, such as `table tokens (12 rows)`; undefined where only doing it would show. */
  readonly drops: readonly string[] | undefined;
}

/**
 * Says what the next step back would drop, and changes nothing.
 *
 * @returns undefined where nothing was migrated.
 * @throws {SchemaError} the newest migration is not of this version, or its tables stay locked.
 */
export function previewDown(
  address: DatabaseAddress,
  options: MigrationOptions = {},
): Promise<StepBack | undefined> {
  return steppingBack(address, options, async (db, name, directory) => {
    const { config } = await import(pathToFileURL(join(directory, name)).href);
    if (config?.transaction === false) return { name, drops: undefined };
    return { name, drops: await tryDown(db, name) };
  });
}

/** Takes the newest migration back. @returns its file name, undefined where nothing was migrated. */
export function migrateDown(
  address: DatabaseAddress,
  options: MigrationOptions = {},
): Promise<string | undefined> {
  return steppingBack(address, options, async (db, name, directory) => {
    const { config } = await import(pathToFileURL(join(directory, name)).href);
    const take = (on: Knex) => on.migrate.down({ name, beforeEach: limitLocks });
    await (config?.transaction === false ? take(db) : db.transaction(take));
    if (await db.schema.hasTable('schema_compatibility')) {
      await db('schema_compatibility').where({ migration: name }).del();
    }
    return name;
  });
}

async function steppingBack<T>(
  address: DatabaseAddress,
  { directory = ownMigrations, attempts = 60 }: MigrationOptions,
  work: (db: Knex, name: string, directory: string) => Promise<T>,
): Promise<T | undefined> {
  const { newer } = await readSchema(address, directory);
  if (newer.length > 0) {
    throw new SchemaError(
      `The newest migration, ${newer.at(-1)}, belongs to a newer version of Usher: run ` +
        '`npm run migrate -- down` with that version.',
    );
  }
  return migrating(address, directory, async (db) => {
    const [ran]: [{ name: string }[]] = await db.migrate.list();
    const name = ran
      .map((migration) => migration.name)
      .toSorted()
      .at(-1);
    if (name === undefined) return undefined;
    await freeLock(db);
    return untilUnlocked(db, name, attempts, () => work(db, name, directory));
  });
}

/** Thrown to end a transaction whose work is not to stay. */
class NotKept extends Error {
  readonly dropped: readonly CatalogObject[];
  constructor(dropped: readonly CatalogObject[]) {
    super('rolled back');
    this.dropped = dropped;
  }
}

async function tryDown(db: Knex, name: string): Promise<string[]> {
  const dropped = await db
    .transaction(async (tx): Promise<never> => {
      const before = await readCatalog(tx);
      await tx.migrate.down({ name, beforeEach: limitLocks });
      throw new NotKept(missing(before, await readCatalog(tx)));
    })
    .catch((error: unknown) => {
      if (error instanceof NotKept) return error.dropped;
      throw error;
    });
  const descriptions: string[] = [];
  for (const object of dropped) descriptions.push(await describe(db, object));
  return descriptions;
}

interface CatalogObject {
  readonly kind: string;
  readonly name: string;
  /** The table that it belongs to, and is dropped with; empty for what belongs to none. */
  readonly parent: string;
}

/** What is gone; of a table that is gone, the table alone. */
function missing(
  before: readonly CatalogObject[],
  after: readonly CatalogObject[],
): CatalogObject[] {
  const key = ({ kind, name, parent }: CatalogObject) => `${kind} ${parent} ${name}`;
  const there = new Set(after.map(key));
  const gone = before.filter((object) => !there.has(key(object)));
  const tables = new Set(gone.filter(({ kind }) => kind === 'table').map(({ name }) => name));
  return gone.filter(({ parent }) => !tables.has(parent));
}

const countedRows = 100_000;

async function describe(db: Knex, { kind, name, parent }: CatalogObject): Promise<string> {
  if (kind !== 'table') return parent === '' ? `${kind} ${name}` : `${kind} ${name} of ${parent}`;
  const { rows } = await db.raw(
    'select count(*)::int as rows from (select 1 from ?? limit ?) as counted',
    [name, countedRows],
  );
  const found = rows[0].rows as number;
  return `table ${name} (${found}${found === countedRows ? ' or more' : ''} rows)`;
}

async function readCatalog(db: Knex): Promise<CatalogObject[]> {
  const { rows } = await db.raw(`
    with tables as (
      select c.oid, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'public' and c.relkind in ('r', 'p'))
    select 'table' as kind, relname as name, '' as parent from tables
    union all
    select 'column', attname, relname from pg_attribute a join tables t on t.oid = a.attrelid
     where attnum > 0 and not attisdropped
    union all
    select 'index', i.indexrelid::regclass::text, relname from pg_index i join tables t on t.oid = i.indrelid
     where not exists (select 1 from pg_constraint c where c.conindid = i.indexrelid)
    union all
    select 'constraint', conname, relname from pg_constraint c join tables t on t.oid = c.conrelid
    union all
    select 'trigger', tgname, relname from pg_trigger g join tables t on t.oid = g.tgrelid
     where not tgisinternal
    union all
    select case relkind when 'S' then 'sequence' else 'view' end, c.relname, coalesce(
             (select t.relname from pg_depend d join tables t on t.oid = d.refobjid
               where d.objid = c.oid and d.deptype in ('a', 'i') limit 1), '')
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relkind in ('S', 'v', 'm')
    union all
    select 'function', p.oid::regprocedure::text, ''
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'public'`);
  return rows;
}
