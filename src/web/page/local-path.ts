/**
 * Where to go next, from an address that somebody may have tampered with.
 *
 * @module
 */

/**
 * @param next a path of this site, perhaps with a query and a fragment.
 * @returns the path as a browser will read it; undefined for what leads, or could lead, elsewhere.
 */
export function localPath(next: string | null | undefined, issuer: string): string | undefined {
  if (!next?.startsWith('/') || !URL.canParse(next, issuer)) return undefined;
  const { origin, pathname, search, hash } = new URL(next, issuer);
  // "/..//evil.test" is of this origin, but its path alone is another host's address.
  if (origin !== new URL(issuer).origin || pathname.startsWith('//')) return undefined;
  return pathname + search + hash;
}
