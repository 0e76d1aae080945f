/**
 * The issuer's own address, whatever the request's headers say.
 *
 * The library builds endpoints, interaction addresses and accepted audiences from the host of the
 * request. Before it sees one, the host and the scheme are set to the issuer's.
 *
 * Source: RFC 8414 section 3.3 (the issuer is compared), RFC 9700 section 4.13 (reverse proxies).
 *
 * @module
 */

import type { IncomingMessage } from 'node:http';
import { originForm } from '../lib/request-target.ts';

/** Headers by which a client or proxy could name another host or scheme. */
const forwarded = ['x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port', 'forwarded'];

/** @returns a function that sets a request's host and scheme to the issuer's. */
export function pinnedHost(issuer: string): (req: IncomingMessage) => void {
  const { host, protocol } = new URL(issuer);
  return (req) => {
    for (const name of forwarded) delete req.headers[name];
    req.url = originForm(req.url ?? '');
    req.headers.host = host;
    req.headers['x-forwarded-host'] = host;
    req.headers['x-forwarded-proto'] = protocol.slice(0, -1);
  };
}
