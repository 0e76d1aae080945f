/**
 * Pages of lists by slug: where the next one begins is in the address.
 *
 * @module
 */

import type { Part, Position } from '../../storage/engine/listed.ts';
import type { ConsoleRequest } from './console-page.ts';

/** @returns what was typed into a search, in lower case. */
export function searchOf({ ctx }: ConsoleRequest): string {
  return (ctx.URL.searchParams.get('search') ?? '').trim().toLowerCase().slice(0, 100);
}

/** @returns the part that the address asks for. */
export function slugPart({ ctx }: ConsoleRequest, limit: number): Part {
  const after = ctx.URL.searchParams.get('after');
  return { after: after === null ? undefined : [after.slice(0, 100)], limit };
}

/** @returns the address of the next page; undefined: there is none. */
export function nextHref(
  { here }: ConsoleRequest,
  path: string,
  next: Position | undefined,
  search = '',
): string | undefined {
  const [after] = next ?? [];
  if (after === undefined) return undefined;
  const query = new URLSearchParams({ ...(search !== '' && { search }), after });
  return `${here.base}${path}?${query}`;
}
