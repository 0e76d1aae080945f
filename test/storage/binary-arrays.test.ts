/** What is sent as a binary array arrives as it was. */

import { expect, test } from 'vitest';
import { digestText, sha256 } from '../../src/lib/secrets.ts';
import {
  byteaArray,
  digestArray,
  jsonbArray,
  textArray,
  uuidArray,
  wholeArray,
} from '../../src/storage/engine/binary-arrays.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';

const database = forAllTests(openTestDatabase);

/** The elements as the database has them. */
async function received(array: Buffer, type: string): Promise<unknown[]> {
  const rows = await database.db.query<{ element: unknown }>(
    statement(
      `select element from unnest($1::${type}[]) with ordinality as q (element, n) order by n`,
    ),
    [array],
  );
  return rows.map(({ element }) => element);
}

test('texts, with quotes, without characters, and none', async () => {
  const texts = ['a', null, '', 'say "x", {y}\\', 'NULL', 'Zoë 数据', ' '];
  expect(await received(textArray(texts), 'text')).toEqual(texts);
  expect(await received(textArray([]), 'text')).toEqual([]);
});

test('JSON, with everything that it can hold', async () => {
  const values = [{ a: 1, b: ['"', '\\', null, 'é'] }, null, {}, { deep: { er: true } }];
  expect(await received(jsonbArray(values), 'jsonb')).toEqual(values);
});

test('bytes of any length', async () => {
  const values = [Buffer.from([0, 255, 1]), null, Buffer.alloc(0), Buffer.alloc(5_000, 7)];
  expect(await received(byteaArray(values), 'bytea')).toEqual(values);
});

test('hashes and UUIDs', async () => {
  const hashes = [sha256('one'), sha256('another'), sha256('')];
  const digests = ['one', 'another', ''].map(digestText);
  const ids = ['0197a000-0000-7000-8000-000000000001', '0197a000-0000-7000-8000-000000000002'];
  expect(await received(byteaArray(hashes), 'bytea')).toEqual(hashes);
  expect(await received(digestArray(digests), 'bytea')).toEqual(hashes);
  expect(await received(digestArray([]), 'bytea')).toEqual([]);
  expect(await received(uuidArray(ids), 'uuid')).toEqual(ids);
  expect(await received(uuidArray([]), 'uuid')).toEqual([]);
});

test('whole numbers without a sign', async () => {
  const numbers = [1, 200, 0, 2 ** 32 - 1];
  expect(await received(wholeArray(numbers), 'bigint')).toEqual(numbers.map(String));
  expect(await received(wholeArray([]), 'bigint')).toEqual([]);
});
