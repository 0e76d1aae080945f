/**
 * Arrays as PostgreSQL takes them in binary: what a batch of questions consists of is not printed
 * as text here and read again there.
 *
 * Source: PostgreSQL's `array_recv` (src/backend/utils/adt/arrayfuncs.c): dimensions, whether there
 * are nulls, the element's type, size and lower bound, then each element behind its length.
 *
 * @module
 */

import { hexOf } from '../../lib/ids.ts';

const types = { bytea: 17, bigint: 20, text: 25, uuid: 2950, jsonb: 3802 } as const;
const headerLength = 20;

/** @returns a `bytea[]`. */
export function byteaArray(values: readonly (Uint8Array | null)[]): Buffer {
  return arrayOf(types.bytea, values);
}

/** @returns a `bytea[]`. @param digests each as `digestText` gives it. */
export function digestArray(digests: readonly string[]): Buffer {
  return sizedArrayOf(types.bytea, 32, digests, (array, digest, at) => {
    array.write(digest, at, 'latin1');
  });
}

/** @returns a `uuid[]`. */
export function uuidArray(ids: readonly string[]): Buffer {
  return sizedArrayOf(types.uuid, 16, ids, (array, id, at) => {
    array.write(hexOf(id), at, 'hex');
  });
}

/** @returns a `bigint[]`. @param numbers whole, from 0 to 2^32 - 1. */
export function wholeArray(numbers: readonly number[]): Buffer {
  return sizedArrayOf(types.bigint, 8, numbers, (array, number, at) => {
    array.writeUInt32BE(number, at + 4);
  });
}

/** @returns a `text[]`. */
export function textArray(values: readonly (string | null)[]): Buffer {
  return arrayOf(
    types.text,
    values.map((value) => (value === null ? null : Buffer.from(value))),
  );
}

/** @returns a `jsonb[]`; what is sent of each is the version of its form, 1, and then its text. */
export function jsonbArray(values: readonly (object | null)[]): Buffer {
  return arrayOf(
    types.jsonb,
    values.map((value) => (value === null ? null : Buffer.from(`\x01${JSON.stringify(value)}`))),
  );
}

/**
 * Elements that all have one size are written where they belong, without a buffer for each.
 *
 * @param write puts an element into bytes that are 0.
 */
function sizedArrayOf<Value>(
  type: number,
  size: number,
  values: readonly Value[],
  write: (array: Buffer, value: Value, at: number) => void,
): Buffer {
  if (values.length === 0) return emptyArrayOf(type);
  const array = Buffer.alloc(headerLength + values.length * (4 + size));
  writeHeader(array, { type, count: values.length, hasNull: false });
  let at = headerLength;
  for (const value of values) {
    write(array, value, array.writeInt32BE(size, at));
    at += 4 + size;
  }
  return array;
}

/** -1 is the length of a null. */
function arrayOf(type: number, values: readonly (Uint8Array | null)[]): Buffer {
  if (values.length === 0) return emptyArrayOf(type);
  const length = values.reduce((sum, value) => sum + 4 + (value?.length ?? 0), headerLength);
  const array = Buffer.alloc(length);
  writeHeader(array, { type, count: values.length, hasNull: values.includes(null) });
  let at = headerLength;
  for (const value of values) {
    at = array.writeInt32BE(value?.length ?? -1, at);
    if (value === null) continue;
    array.set(value, at);
    at += value.length;
  }
  return array;
}

/** No dimension. */
function emptyArrayOf(type: number): Buffer {
  return Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, type >> 8, type & 0xff]);
}

interface Header {
  readonly type: number;
  readonly count: number;
  readonly hasNull: boolean;
}

/** One dimension, whose first element is number 1. */
function writeHeader(array: Buffer, { type, count, hasNull }: Header): void {
  array.writeInt32BE(1, 0);
  array.writeInt32BE(hasNull ? 1 : 0, 4);
  array.writeInt32BE(type, 8);
  array.writeInt32BE(count, 12);
  array.writeInt32BE(1, 16);
}
