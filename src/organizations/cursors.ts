/**
 * Opaque cursors: where a page of a list ended, encrypted and authenticated.
 *
 * A position may be that of a row which the caller cannot see, so neither its text nor its length
 * can be read from a cursor. A cursor belongs to one list with its filters and to one caller.
 *
 * @module
 */

import { WrongKeyError } from '../lib/errors.ts';
import { open, seal } from '../lib/key-wrapping.ts';
import type { Actor } from './actor.ts';
import { invalid } from './refusals.ts';

/** Positions are filled up to a multiple of this many bytes: most cursors have the same length. */
const blockBytes = 128;

/**
 * @param key 32 bytes, for cursors alone.
 * @param list names the list, its filters and its reader, so that its cursors open nowhere else.
 * @param position where the page ended; it does not end with a space.
 */
export function sealCursor(key: Buffer, list: string, position: string): string {
  const bytes = Buffer.from(position);
  const length = Math.ceil(bytes.length / blockBytes) * blockBytes;
  const filled = Buffer.concat([bytes, Buffer.alloc(length - bytes.length, ' ')]);
  return seal(key, filled, list).toString('base64url');
}

/**
 * @returns the position that `sealCursor` was given for the same list.
 * @throws {RefusedError} `invalid`: not a cursor of this list.
 */
export function openCursor(key: Buffer, list: string, cursor: string): string {
  try {
    return open(key, Buffer.from(cursor, 'base64url'), list).toString().trimEnd();
  } catch (error) {
    if (!(error instanceof WrongKeyError)) throw error;
    throw invalid({ field: 'cursor', message: 'is not a cursor of this list' });
  }
}

/** Whose cursor it is: a person's in their browser, or that of one application or service client. */
export function readerOf({ accountId, via }: Actor): (string | null)[] {
  return [accountId ?? null, via.kind === 'session' ? null : via.clientId];
}
