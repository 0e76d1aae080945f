/** Which version runs on which schema, and what a step back says it drops. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import { migrateUp } from '../../src/storage/engine/migrate.ts';
import { migrateDown, previewDown } from '../../src/storage/engine/migrate-down.ts';
import {
  compareSchema,
  ownMigrations,
  readSchema,
  requireSchema,
} from '../../src/storage/engine/schema.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { type NewerVersion, newerVersion } from '../support/newer-version.ts';

const ran = (name: string, runs_with: string | null = null) => ({ name, runs_with });

describe('compareSchema', () => {
  test.each([
    ['the same', ['1', '2'], [ran('1'), ran('2')], { pending: [], newer: [], tooNew: [] }],
    ['an empty database', ['1', '2'], [], { pending: ['1', '2'], newer: [], tooNew: [] }],
    [
      'a newer one that needs no newer code',
      ['1', '2'],
      [ran('1'), ran('2'), ran('3', '2')],
      { pending: [], newer: ['3'], tooNew: [] },
    ],
    [
      'a newer one that says nothing',
      ['1', '2'],
      [ran('1'), ran('2'), ran('3')],
      { pending: [], newer: [], tooNew: ['3'] },
    ],
    [
      'a column is taken away that code before 3 still used',
      ['1', '2'],
      [ran('1'), ran('2'), ran('3', '2'), ran('4', '3')],
      { pending: [], newer: ['3'], tooNew: ['4'] },
    ],
    [
      'the same, for code that knows 3',
      ['1', '2', '3'],
      [ran('1'), ran('2'), ran('3', '2'), ran('4', '3')],
      { pending: [], newer: ['4'], tooNew: [] },
    ],
  ])('%s', (_what, known, there, expected) => {
    expect(compareSchema(known, there)).toEqual(expected);
  });
});

test('each migration that says what it runs with names one before it', async () => {
  const names = readdirSync(ownMigrations).toSorted();
  for (const [index, name] of names.entries()) {
    const { runsWith } = await import(pathToFileURL(join(ownMigrations, name)).href);
    if (runsWith !== undefined) expect(names.slice(0, index), name).toContain(runsWith);
  }
});

const compatibility = '20261128203500-schema-compatibility.ts';

describe('a database', () => {
  const database = forAllTests(openTestDatabase);
  let version: NewerVersion | undefined;

  async function withNewer(runsWith: string | undefined, work: (newer: NewerVersion) => unknown) {
    version = newerVersion({
      up: 'create table to_come (id int); alter table accounts add column to_come int',
      down: 'drop table to_come; alter table accounts drop column to_come',
      ...(runsWith === undefined ? {} : { runsWith }),
    });
    const { directory } = version;
    try {
      expect(await migrateUp(database.address, { directory })).toEqual([version.name]);
      await work(version);
      expect(await migrateDown(database.address, { directory })).toBe(version.name);
      expect(await requireSchema(database.address)).toEqual([]);
    } finally {
      version.remove();
    }
  }

  test('is accepted when a newer version says that older code can live with it', async () => {
    await withNewer(compatibility, async ({ name }) => {
      expect(await requireSchema(database.address)).toEqual([name]);
      expect(await migrateUp(database.address)).toEqual([]);
      await expect(migrateDown(database.address)).rejects.toThrow(
        /belongs to a newer version of Usher/,
      );
    });
  });

  test('is refused when the newer version does not say so, with what to do', async () => {
    await withNewer(undefined, async ({ name }) => {
      for (const attempt of [requireSchema, migrateUp]) {
        await expect(attempt(database.address)).rejects.toMatchObject({
          name: 'SchemaError',
          message: expect.stringMatching(`cannot run with: ${name}. Start the version`),
        });
      }
    });
  });

  test('that lacks a migration is not changed by asking, and the command is named', async () => {
    const newer = newerVersion({ up: 'select 1', down: 'select 1' });
    expect((await readSchema(database.address, newer.directory)).pending).toEqual([newer.name]);
    newer.remove();
    const taken = await migrateDown(database.address);
    await expect(requireSchema(database.address)).rejects.toThrow(
      new RegExp(`lacks 1 migration .*${taken}.*npm run migrate`),
    );
    expect(await migrateUp(database.address)).toEqual([taken]);
  });

  test('a step back says what it drops, and changes nothing until it is taken', async () => {
    await withNewer(compatibility, async ({ name, directory }) => {
      await database.db.query(statement('insert into to_come values (1), (2)'));
      const step = await previewDown(database.address, { directory });
      expect(step).toEqual({
        name,
        drops: ['table to_come (2 rows)', 'column to_come of accounts'],
      });
      expect(await database.db.query(statement('select id from to_come'))).toHaveLength(2);
      expect(await requireSchema(database.address)).toEqual([name]);
    });
  });
});
