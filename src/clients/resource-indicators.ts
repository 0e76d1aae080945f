/**
 * When two resource indicators name one resource server: the case of scheme and host, the scheme's own port
 * and a slash at the end make no difference.
 *
 * The libraries of clients and the metadata of resource servers (RFC 9728) write the same server in
 * several ways: a URL parser adds the slash where there is no path, and people write hosts in capitals. No
 * two servers are registered that differ by it alone: a registered address has scheme and host in lower case.
 *
 * Source: RFC 8707 section 2; RFC 3986 sections 6.2.2.1 (case) and 6.2.3 (port, empty path); Model Context
 * Protocol, revision 2026-07-28, authorization ("Canonical Server URI").
 *
 * @module
 */

const authority = /^(https?):\/\/([^/?#]*)/i;
const ownPort: Readonly<Record<string, RegExp>> = { http: /:80$/, https: /:443$/ };

/** @returns the indicator in one spelling: equal for those that name one server. */
export function inOneSpelling(indicator: string): string {
  const [start, scheme = '', host = ''] = authority.exec(indicator) ?? [];
  if (start === undefined) return withoutSlash(indicator);
  const protocol = scheme.toLowerCase();
  const hostAndPort = host.toLowerCase().replace(ownPort[protocol] ?? '', '');
  return withoutSlash(`${protocol}://${hostAndPort}${indicator.slice(start.length)}`);
}

/** Whether two indicators name one resource server. */
export function isSameResource(one: string, other: string): boolean {
  return one === other || inOneSpelling(one) === inOneSpelling(other);
}

function withoutSlash(indicator: string): string {
  return indicator.endsWith('/') ? indicator.slice(0, -1) : indicator;
}
