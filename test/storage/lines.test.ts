/** A row as one line: what goes in by name comes out by name. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { StoredDataError } from '../../src/lib/errors.ts';
import { statement } from '../../src/storage/database.ts';
import { lineForm } from '../../src/storage/lines.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

async function written(columns: Record<string, string>): Promise<string> {
  const select = statement(`select ${lineForm(columns).sql}`);
  const [row] = await database.db.query<{ line: string }>(select);
  return row?.line ?? '';
}

test('values of every type, as PostgreSQL prints them in a text', async () => {
  const columns = {
    name: `'Ünïcode | and, "quotes"'`,
    number: '1800000000::bigint',
    yes: 'true',
    no: '1 = 2',
    id: `'00112233-4455-6677-8899-aabbccddeeff'::uuid`,
    json: `json_build_array('a', null, 1)`,
  };
  const line = lineForm(columns).read(await written(columns));
  expect(Object.keys(columns).map((name) => line[name as keyof typeof columns])).toEqual([
    'Ünïcode | and, "quotes"',
    '1800000000',
    't',
    'f',
    '00112233-4455-6677-8899-aabbccddeeff',
    '["a", null, 1]',
  ]);
});

test('null and a text without characters are empty, wherever they stand', async () => {
  const columns = { first: 'null::uuid', middle: `''`, flag: 'null::boolean', last: 'null::json' };
  const { first, middle, flag, last } = lineForm(columns).read(await written(columns));
  expect([first, middle, flag, last]).toEqual(['', '', '', '']);
});

test('JSON escapes the separator; a value that has it is refused', async () => {
  const json = { before: `'a'`, value: `json_build_array(E'x\\x1fy')`, after: `'b'` };
  const { before, value, after } = lineForm(json).read(await written(json));
  expect([before, JSON.parse(value ?? ''), after]).toEqual(['a', ['x\x1fy'], 'b']);

  const text = { before: `'a'`, value: `E'x\\x1fy'`, after: `'b'` };
  const line = await written(text);
  expect(() => lineForm(text).read(line)).toThrow(StoredDataError);
  expect(() => lineForm({ ...text, more: 'null' }).read('a\x1fb')).toThrow('2 parts instead of 4');
});
