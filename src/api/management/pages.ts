/**
 * Pages of a list: an opaque, sealed cursor says where the next one begins.
 *
 * @module
 */

import { z } from 'zod';
import { openCursor, sealCursor } from '../../organizations/cursors.ts';
import type { Listed, Part, Position } from '../../storage/listed.ts';
import type { Call } from './call.ts';

const largest = 100;
const usual = 50;

/** The query parameters of every list. */
export const pageQuery = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(largest)
    .optional()
    .meta({
      description: `At most so many items; ${usual} unless given. A page may hold fewer.`,
    }),
  cursor: z
    .string()
    .max(4000)
    .optional()
    .meta({ description: '`next_cursor` of the page before.' }),
};

/** How many items a page is asked to hold. */
export function limitOf({ limit = usual }: { readonly limit?: number | undefined }): number {
  return limit;
}

/**
 * Reads one page. A row without an item stands in the list and is not shown to this caller.
 *
 * @throws {RefusedError} `invalid` cursor: not one of this list, these filters and this person.
 */
export async function page(
  id: string,
  { actor, at, query, cursorKey }: Call,
  select: (part: Part) => Promise<Listed<unknown>[]>,
): Promise<{ items: unknown[]; next_cursor?: string }> {
  const { cursor, ...wish } = query as { cursor?: string; limit?: number };
  const limit = limitOf(wish);
  const { limit: _, ...filters } = wish;
  const list = JSON.stringify([id, at, actor.accountId ?? null, Object.entries(filters).sort()]);
  const after =
    cursor === undefined
      ? undefined
      : (JSON.parse(openCursor(cursorKey, list, cursor)) as Position);
  // One more than the page holds tells whether another page follows.
  const rows = await select({ after, limit: limit + 1 });
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  const items = shown.map(({ item }) => item).filter((item) => item !== undefined);
  if (last === undefined) return { items };
  return { items, next_cursor: sealCursor(cursorKey, list, JSON.stringify(last.position)) };
}
