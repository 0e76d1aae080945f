/** A column is declared once: what a statement selects comes out as what was declared. */

import { expect, test } from 'vitest';
import {
  type Column,
  duration,
  flag,
  id,
  nullable,
  type RowOf,
  rowForm,
  rowFormApart,
  rows,
  rowsForm,
  seconds,
  text,
  type WrittenRow,
  when,
  whole,
  within,
  writtenRow,
} from '../../src/storage/engine/columns.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';

const database = forAllTests(openTestDatabase);

async function read<Value>(column: Column<Value>): Promise<Value> {
  const form = rowForm({ it: column });
  const [row] = await database.db.query<{ found: WrittenRow }>(
    statement(`select ${form.sql} as found`),
  );
  return form.read(row?.found ?? '').it;
}

const uuid = '00112233-4455-6677-8899-aabbccddeeff';
const odd = `Ünïcode | and, "quotes" \t\n`;
const moment = `'2040-01-02T03:04:05.9Z'::timestamptz`;

test.each<[kind: string, column: Column<unknown>, value: unknown]>([
  ['a text', text(`'${odd}'`), odd],
  ['a text without characters, which is not null', nullable(text(`''`)), ''],
  ['an id', id(`'${uuid.toUpperCase()}'`), uuid],
  ['true', flag('1 = 1'), true],
  ['false', flag('1 = 2'), false],
  ['a whole number, whatever it was counted in', whole('7::bigint'), 7],
  ['a time after 2038, in whole seconds', seconds(moment), Date.UTC(2040, 0, 2, 3, 4, 5) / 1000],
  ['a duration', duration(`interval '1.5 seconds'`), 1.5],
])('%s', async (_kind, column, value) => {
  expect(await read(column)).toBe(value);
  expect(await read(when('1 = 2', column))).toBeNull();
});

test.each<[kind: string, column: Column<unknown>]>([
  ['a text', text('null')],
  ['an id', id('null')],
  ['a flag', flag('null')],
  ['a whole number', whole('null')],
  ['a time', seconds('null::timestamptz')],
  ['a duration', duration('null::interval')],
  ['a written row', writtenRow('null::text', rowFormApart({ name: text('null') }))],
])('%s that the database has null for', async (_kind, column) => {
  expect(await read(nullable(column))).toBeNull();
});

test('a text with what parts values, or rows, is refused and never read as two', async () => {
  const two = { name: text('v.name'), also: text(`'also'`) };
  const from = (name: string) => rows(two, `from (values (${name})) v (name)`);
  for (const code of ['1f', '1d', '1c']) {
    const name = `'one' || E'\\x${code}' || 'two'`;
    const form = rowForm({ name: text(name), all: from(name) });
    const [row] = await database.db.query<{ found: WrittenRow }>(
      statement(`select ${form.sql} as found`),
    );
    expect(() => form.read(row?.found ?? '').all, code).toThrow(/values instead of/);
  }
});

test('rows within a row have values of the same types as a row itself', async () => {
  const of = {
    name: text('v.name'),
    owner: nullable(id('v.owner')),
    version: whole('v.version'),
    open: nullable(flag('v.open')),
  };
  const from = (condition: string) =>
    `from (values ('a', '${uuid}', 1, true), ('${odd}', null, 2, null)) v (name, owner, version, open)
      where ${condition}`;
  const expected = [
    { name: 'a', owner: uuid, version: 1, open: true },
    { name: odd, owner: null, version: 2, open: null },
  ];
  const plain = ({ name, owner, version, open }: RowOf<typeof of>) => ({
    name,
    owner,
    version,
    open,
  });
  expect((await read(rows(of, from('true'))))?.map(plain)).toEqual(expected);
  const within = { all: rows(of, from('true')), again: whole('3') };
  const [outer] = (await read(rows(within, ''))) ?? [];
  expect(outer?.all?.map(plain)).toEqual(expected);
  expect(outer?.again).toBe(3);
  const form = rowFormApart(of);
  const apart = await read(writtenRow(`(select ${form.sql} ${from('version = 2')})`, form));
  expect(apart && plain(apart)).toEqual(expected[1]);
});

test('all rows of a statement as one value, each with a row within it', async () => {
  const of = { number: whole('v.number'), name: nullable(text('v.name')) };
  const form = rowsForm({ ...of, again: within(of) });
  const rowsOf = async (condition: string) => {
    const [row] = await database.db.query<{ found: string | null }>(
      statement(`select ${form.sql} as found
        from (values (1, 'a'), (2, null), (3, '')) v (number, name) where ${condition}`),
    );
    return row?.found ?? undefined;
  };
  const found = form.read((await rowsOf('true')) ?? '');
  const values = [
    [1, 'a'],
    [2, null],
    [3, ''],
  ];
  expect(found.map(({ number, name }) => [number, name])).toEqual(values);
  expect(found.map(({ again: { number, name } }) => [number, name])).toEqual(values);
  expect(await rowsOf('false')).toBeUndefined();
});

test('a query that gives no row, and a condition that does not hold, are null', async () => {
  const of = { name: text(`'a'`) };
  expect(await read(rows(of, 'where 1 = 2'))).toBeNull();
  expect(await read(when('1 = 2', rows(of, '')))).toBeNull();
  expect((await read(when('1 = 1', rows(of, ''))))?.map(({ name }) => name)).toEqual(['a']);
});
