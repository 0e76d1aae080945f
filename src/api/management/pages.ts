/**
 * Pages of a list: an opaque, encrypted cursor says where the next one begins.
 *
 * @module
 */

import { z } from 'zod';
import { openCursor, readerOf, sealCursor } from '../../organizations/cursors.ts';
import type { Listed, Part, Position } from '../../storage/engine/listed.ts';
import type { Call } from './call.ts';

const largest = 100;
const usual = 50;

/** The query parameters of every list. */
export const pageQuery = {
  limit: z
    .string()
    .regex(/^(?:[1-9][0-9]?|100)$/, `must be 1 to ${largest}, in digits`)
    .transform(Number)
    .optional()
    .meta({
      type: 'integer',
      minimum: 1,
      maximum: largest,
      description: `At most so many items; ${usual} unless given. A page may hold fewer.`,
    }),
  cursor: z
    .string()
    .max(4000)
    .regex(/^[A-Za-z0-9_-]+$/, 'is not a cursor of this list')
    .optional()
    .meta({ description: '`next_cursor` of the page before.' }),
};

/** How many items a page is asked to hold. */
export function limitOf({ limit = usual }: { readonly limit?: number | undefined }): number {
  return limit;
}

/** How often rows are fetched for one page before it ends early: a bound on the work of a request. */
const mostLooks = 10;

/**
 * Reads one page. A row without an item is in the list and is not shown to this caller; rows
 * after it fill the page, so that their number cannot be counted by pages.
 *
 * @throws {RefusedError} `invalid` cursor: not one of this list, these filters and this caller.
 */
export async function page(
  id: string,
  { actor, at, query, cursorKey }: Call,
  select: (part: Part) => Promise<Listed<unknown>[]>,
): Promise<{ items: unknown[]; next_cursor?: string }> {
  const { cursor, ...wish } = query as { cursor?: string; limit?: number };
  const limit = limitOf(wish);
  const { limit: _, ...filters } = wish;
  const list = JSON.stringify([id, at, readerOf(actor), Object.entries(filters).sort()]);
  const after =
    cursor === undefined
      ? undefined
      : (JSON.parse(openCursor(cursorKey, list, cursor)) as Position);
  const { shown, goOn } = await fill(select, after, limit);
  const items = shown.map(({ item }) => item);
  if (goOn === undefined) return { items };
  return { items, next_cursor: sealCursor(cursorKey, list, JSON.stringify(goOn)) };
}

/** @returns the rows that are shown, and where the next page begins; undefined on the last. */
async function fill(
  select: (part: Part) => Promise<Listed<unknown>[]>,
  from: Position | undefined,
  limit: number,
): Promise<{ shown: Listed<unknown>[]; goOn: Position | undefined }> {
  let after = from;
  const seen: Listed<unknown>[] = [];
  for (let look = 0; look < mostLooks; look++) {
    // One more than the page holds shows whether another page follows.
    const wanted = look === 0 ? limit + 1 : largest;
    const rows = await select({ after, limit: wanted });
    seen.push(...rows.filter(({ item }) => item !== undefined));
    const shown = seen.slice(0, limit);
    if (seen.length > limit) return { shown, goOn: shown.at(-1)?.position };
    if (rows.length < wanted) return { shown, goOn: undefined };
    after = rows.at(-1)?.position;
  }
  return { shown: seen, goOn: after };
}
