/**
 * When two resource indicators name one resource server: a slash at the end makes no difference.
 *
 * The libraries of clients and the metadata of resource servers (RFC 9728) write the same server
 * both ways, since a URL parser adds the slash where there is no path. No two servers are registered
 * that differ by it alone.
 *
 * Source: RFC 8707 section 2; RFC 3986 section 6.2.3 (normalization of an empty path).
 *
 * @module
 */

/** @returns the indicator without a slash at its end: equal for those that name one server. */
export function withoutSlash(indicator: string): string {
  return indicator.endsWith('/') ? indicator.slice(0, -1) : indicator;
}

/** Whether two indicators name one resource server. */
export function isSameResource(one: string, other: string): boolean {
  return one === other || withoutSlash(one) === withoutSlash(other);
}
