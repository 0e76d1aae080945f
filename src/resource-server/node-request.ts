/**
 * What the frameworks on Node leave of a request as it came.
 *
 * @module
 */

/** @returns all headers of the name, as they came: of some, `headers` keeps the first alone. */
export function headerOf(rawHeaders: readonly string[], name: string): string | undefined {
  const values = rawHeaders.filter(
    (_, n) => n % 2 === 1 && rawHeaders[n - 1]?.toLowerCase() === name,
  );
  return values.length === 0 ? undefined : values.join(', ');
}

/** @returns the path of `/path?query`, or of the whole address that a client may send (RFC 9112 section 3.2.2). */
export function pathOf(target: string): string {
  const path = target.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '');
  return path.startsWith('/') ? path : `/${path}`;
}
