/**
 * An answer that is a list of any length: written piece by piece, since a thousand answers may be of
 * many megabytes.
 *
 * @module
 */

import { Readable } from 'node:stream';
import { createPauses } from '../lib/pauses.ts';

/** In one piece it has a `Content-Length`. */
const onePieceCharacters = 64 * 1024;

/** @returns the body `{"<name>": [...]}`, as text or, where there is much of it, as a stream. */
export async function listAnswer(
  name: string,
  items: readonly unknown[],
): Promise<string | Readable> {
  const pieces = piecesOf(name, items);
  let begun = '';
  while (begun.length <= onePieceCharacters) {
    const { done, value } = await pieces.next();
    if (done === true) return begun;
    begun += value;
  }
  return Readable.from(from(begun, pieces));
}

async function* from(begun: string, pieces: AsyncIterable<string>): AsyncGenerator<string> {
  yield begun;
  yield* pieces;
}

async function* piecesOf(name: string, items: readonly unknown[]): AsyncGenerator<string> {
  const pause = createPauses();
  yield `{${JSON.stringify(name)}:[`;
  for (const [index, item] of items.entries()) {
    yield `${index === 0 ? '' : ','}${JSON.stringify(item)}`;
    const due = pause();
    if (due !== undefined) await due;
  }
  yield ']}';
}
