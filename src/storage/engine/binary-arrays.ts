/**
 * Arrays as PostgreSQL takes them in binary: what a batch of questions consists of is not printed
 * as text here and read again there.
 *
 * Source: PostgreSQL's `array_recv` (src/backend/utils/adt/arrayfuncs.c): dimensions, whether there
 * are nulls, the element's type, size and lower bound, then each element behind its length.
 *
 * @module
 */

const types = { bytea: 17, text: 25, uuid: 2950, jsonb: 3802 } as const;
const headerLength = 20;

/** @returns a `bytea[]`. */
export function byteaArray(values: readonly (Uint8Array | null)[]): Buffer {
  return arrayOf(types.bytea, values);
}

/** @returns a `uuid[]`. */
export function uuidArray(ids: readonly string[]): Buffer {
  return arrayOf(
    types.uuid,
    ids.map((id) => Buffer.from(id.replaceAll('-', ''), 'hex')),
  );
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

/** One dimension, or none where there is no element; -1 is the length of a null. */
function arrayOf(type: number, values: readonly (Uint8Array | null)[]): Buffer {
  if (values.length === 0)
    return Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, type >> 8, type & 0xff]);
  const length = values.reduce((sum, value) => sum + 4 + (value?.length ?? 0), headerLength);
  const array = Buffer.alloc(length);
  array.writeInt32BE(1, 0);
  array.writeInt32BE(values.includes(null) ? 1 : 0, 4);
  array.writeInt32BE(type, 8);
  array.writeInt32BE(values.length, 12);
  array.writeInt32BE(1, 16);
  let at = headerLength;
  for (const value of values) {
    at = array.writeInt32BE(value?.length ?? -1, at);
    if (value === null) continue;
    array.set(value, at);
    at += value.length;
  }
  return array;
}
