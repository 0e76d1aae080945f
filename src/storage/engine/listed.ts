/**
 * Lists that are read page by page: each row has its position, and a page begins after a position.
 *
 * @module
 */

/** The position of a row in its list: its sort keys, as text that loses nothing. */
export type Position = readonly string[];

/** Which part of a list. */
export interface Part {
  /** Undefined: from the beginning. */
  readonly after: Position | undefined;
  readonly limit: number;
}

/** As a filter: only what has this slug, or what has these characters in its name, if it is said. */
export interface BySlug {
  readonly slug?: string | undefined;
  /** In lower case. */
  readonly part?: string | undefined;
}

/** A row and its position. */
export interface Listed<Item> {
  readonly position: Position;
  readonly item: Item;
}

/** Less than every id that is ever given. */
export const noId = '00000000-0000-0000-0000-000000000000';
