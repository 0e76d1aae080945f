/**
 * What a request is for, and whether its head can be read in one way only.
 *
 * Two programs that read one head differently are how requests are smuggled past a proxy, and how a
 * check and a route come to see two different paths. A head that allows it is refused.
 *
 * Source: RFC 9112 sections 3.2 (request target, Host) and 6.1 (Transfer-Encoding in HTTP/1.0).
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request line may name the host too (RFC 9112 section 3.2.2). */
const absoluteForm = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*\/?/i;

/** @returns the request target without a host: the path as it came, and the query. */
export function originForm(url: string): string {
  return url.startsWith('/') ? url : url.replace(absoluteForm, '/');
}

/** @returns the path as it came, without host and query; nothing in it is decoded. */
export function pathOf({ url = '' }: IncomingMessage): string {
  const target = originForm(url);
  const end = target.indexOf('?');
  return end < 0 ? target : target.slice(0, end);
}

/** The absolute form, or a path of what RFC 3986 allows there; `#` and `\` start something else. */
const target = /^(?:[a-z][a-z0-9+.-]*:\/\/[^/?#\\]*)?(?:\/[^?#\\]*)?(?:\?[^#]*)?$/i;

/** @returns why the request cannot be answered; undefined when it can. */
export function faultOf(request: IncomingMessage): string | undefined {
  const { url = '', rawHeaders, headers, httpVersionMinor } = request;
  if (!target.test(url) && url !== '*') return 'the request target is malformed';
  if (isHostTwice(rawHeaders)) return 'there is more than one Host line';
  if (httpVersionMinor === 0 && headers['transfer-encoding'] !== undefined) {
    return 'HTTP/1.0 has no Transfer-Encoding';
  }
  return undefined;
}

/** Answers 400 and ends the connection, since what follows on it may be anything. */
export function refuseFault(
  response: ServerResponse,
  fault: string,
  headers: Readonly<Record<string, string>>,
): void {
  const body = JSON.stringify({ error: 'invalid_request', error_description: fault });
  response.writeHead(400, {
    ...headers,
    'Cache-Control': 'no-store',
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: 'close',
  });
  response.end(body);
}

function isHostTwice(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  return hosts > 1;
}
