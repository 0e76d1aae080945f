/**
 * Pages that may be of many megabytes: their pieces are made with pauses, the page is made with a mark
 * where they belong, and what is sent goes out piece by piece. A string of that length would hold
 * everyone up while it is measured and written.
 *
 * @module
 */

import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type Koa from 'koa';
import { Markup } from '../../lib/markup.ts';
import { createPauses } from '../../lib/pauses.ts';

/** The pieces of a page that is being made, by the mark in their stead. */
const piecesOf = new WeakMap<Koa.Context, Map<string, readonly string[]>>();

/** A page that is no longer than this is sent in one piece, and has a length. */
const onePieceCharacters = 256 * 1024;

/** @returns what a view prints where the pieces are to be; nobody can guess it. */
export function markFor(ctx: Koa.Context, pieces: readonly string[]): Markup {
  const mark = `<!--${randomUUID()}-->`;
  const known = piecesOf.get(ctx) ?? new Map<string, readonly string[]>();
  piecesOf.set(ctx, known.set(mark, pieces));
  return new Markup(mark);
}

/** @returns the page with its pieces, as the body of an answer. */
export function pageBody(ctx: Koa.Context, page: string): string | Readable {
  const pieces = inOrder(page, piecesOf.get(ctx) ?? new Map());
  const characters = pieces.reduce((sum, { length }) => sum + length, 0);
  return characters > onePieceCharacters ? Readable.from(withPauses(pieces)) : pieces.join('');
}

function inOrder(page: string, marks: ReadonlyMap<string, readonly string[]>): string[] {
  let parts = [page];
  for (const [mark, pieces] of marks) {
    parts = parts.flatMap((part) => {
      const [before = '', ...after] = part.split(mark);
      return after.length === 0 ? [part] : [before, ...pieces, after.join(mark)];
    });
  }
  return parts;
}

async function* withPauses(pieces: readonly string[]): AsyncGenerator<string> {
  const pause = createPauses();
  for (const piece of pieces) {
    yield piece;
    const due = pause();
    if (due !== undefined) await due;
  }
}
