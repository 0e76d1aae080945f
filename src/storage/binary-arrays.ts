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

/** @returns a `bytea[]` of values of 32 bytes each. */
export function hashArray(hashes: readonly Buffer[]): Buffer {
  const array = emptyArray(types.bytea, hashes.length, 32);
  for (const [place, hash] of hashes.entries()) hash.copy(array, elementAt(place, 32));
  return array;
}

/** @returns a `uuid[]`. */
export function uuidArray(ids: readonly string[]): Buffer {
  const array = emptyArray(types.uuid, ids.length, 16);
  for (const [place, id] of ids.entries()) {
    array.write(id.replaceAll('-', ''), elementAt(place, 16), 'hex');
  }
  return array;
}

/** @returns a `bytea[]`. */
export function byteaArray(values: readonly (Uint8Array | null)[]): Buffer {
  return arrayOf(types.bytea, values);
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

/** One dimension, elements of any length, -1 for a null. */
function arrayOf(type: number, values: readonly (Uint8Array | null)[]): Buffer {
  if (values.length === 0) return emptyArray(type, 0, 0);
  const total = values.reduce((sum, value) => sum + 4 + (value?.length ?? 0), headerLength);
  const array = Buffer.alloc(total);
  writeHeader(array, type, values.length);
  array.writeInt32BE(values.includes(null) ? 1 : 0, 4);
  let at = headerLength;
  for (const value of values) {
    at = array.writeInt32BE(value?.length ?? -1, at);
    if (value === null) continue;
    array.set(value, at);
    at += value.length;
  }
  return array;
}

function writeHeader(array: Buffer, type: number, count: number): void {
  array.writeInt32BE(1, 0);
  array.writeInt32BE(type, 8);
  array.writeInt32BE(count, 12);
  array.writeInt32BE(1, 16);
}

/** One dimension, no nulls, all elements of one length. */
function emptyArray(type: number, count: number, length: number): Buffer {
  if (count === 0) return Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, type >> 8, type & 0xff]);
  const array = Buffer.alloc(headerLength + count * (4 + length));
  writeHeader(array, type, count);
  for (let place = 0; place < count; place++) {
    array.writeInt32BE(length, elementAt(place, length) - 4);
  }
  return array;
}

function elementAt(place: number, length: number): number {
  return headerLength + place * (4 + length) + 4;
}
