/**
 * Where codes go. A person agrees that an application is sent back to a host: another path there
 * is the same application, another host may be somebody else's.
 *
 * Source: RFC 9700 section 4.1 (a redirect URI decides who gets the code).
 *
 * @module
 */

/** Whether some of the new redirect URIs lead to a host to which none of the old ones led. */
export function leadsElsewhere(before: readonly string[], after: readonly string[]): boolean {
  const known = new Set(before.map(hostOf));
  return after.some((uri) => !known.has(hostOf(uri)));
}

/** Scheme and host; on loopback the port says nothing (RFC 8252 section 7.3). */
function hostOf(uri: string): string {
  const { protocol, host, hostname } = new URL(uri);
  const isWeb = protocol === 'https:' || protocol === 'http:';
  if (!isWeb) return protocol;
  return `${protocol}//${loopback.has(hostname) ? hostname : host}`;
}

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);
