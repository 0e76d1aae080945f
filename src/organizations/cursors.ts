/**
 * Opaque cursors: where a page of a list ended, sealed with a key.
 *
 * A cursor belongs to one list with its filters, and cannot be made or changed by anybody else: a
 * position is never taken from outside.
 *
 * @module
 */

import { createHmac } from 'node:crypto';
import { equal } from '../lib/secrets.ts';
import { invalid } from './refusals.ts';

const sealLength = 16;

/**
 * @param list names the list and its filters, so that its cursors open nowhere else.
 * @param position where the page ended.
 */
export function sealCursor(key: Buffer, list: string, position: string): string {
  const sealed = Buffer.concat([seal(key, list, position), Buffer.from(position)]);
  return sealed.toString('base64url');
}

/**
 * @returns the position that `sealCursor` was given for the same list.
 * @throws {RefusedError} `invalid`: not a cursor of this list.
 */
export function openCursor(key: Buffer, list: string, cursor: string): string {
  const sealed = Buffer.from(cursor, 'base64url');
  const position = sealed.subarray(sealLength).toString();
  if (!equal(sealed.subarray(0, sealLength), seal(key, list, position))) {
    throw invalid({ field: 'cursor', message: 'is not a cursor of this list' });
  }
  return position;
}

function seal(key: Buffer, list: string, position: string): Buffer {
  const text = JSON.stringify([list, position]);
  return createHmac('sha256', key).update(text).digest().subarray(0, sealLength);
}
