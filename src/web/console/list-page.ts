/**
 * Long lists: one page of them, and the address of the next, with a sealed position that serves this list,
 * these filters and this reader alone.
 *
 * @module
 */

import { openCursor, sealCursor } from '../../organizations/cursors.ts';
import type { Listed, Part, Position } from '../../storage/engine/listed.ts';
import type { ConsoleParts, ConsoleRequest } from './console-page.ts';

/** How many items a page holds. */
const pageSize = 50;

/** One page of a list. */
export interface ListedPage<Item> {
  readonly items: readonly Item[];
  /** Addresses; undefined on the last page, and on the first. */
  readonly next: string | undefined;
  readonly first: string | undefined;
}

/**
 * @param list names the list.
 * @param filters what it is filtered and sorted by, as it is in the address; what is '' is left out.
 * @throws {RefusedError} `invalid` cursor: not one of this list.
 */
export async function listedPage<Item>(
  { consoleKey }: ConsoleParts,
  { ctx, here, signedIn }: ConsoleRequest,
  list: string,
  filters: Readonly<Record<string, string>>,
  select: (part: Part) => Promise<Listed<Item>[]>,
): Promise<ListedPage<Item>> {
  const query = new URLSearchParams(Object.entries(filters).filter(([, value]) => value !== ''));
  const named = JSON.stringify([list, here.organization.id, signedIn.account.id, `${query}`]);
  const cursor = ctx.URL.searchParams.get('after');
  const after =
    cursor === null ? undefined : (JSON.parse(openCursor(consoleKey, named, cursor)) as Position);
  const found = await select({ after, limit: pageSize + 1 });
  const shown = found.slice(0, pageSize);
  const end = found.length > pageSize ? shown.at(-1)?.position : undefined;
  const addressWith = (more: Readonly<Record<string, string>>) =>
    `${ctx.path}?${new URLSearchParams([...query, ...Object.entries(more)])}`;
  return {
    items: shown.map(({ item }) => item),
    next: end && addressWith({ after: sealCursor(consoleKey, named, JSON.stringify(end)) }),
    first: after && addressWith({}),
  };
}
