/**
 * The address that a request came from.
 *
 * Each proxy that we trust appends the address it saw to `X-Forwarded-For`, so the caller's is as
 * many entries from the end as there are trusted proxies; the entries before it were written by the
 * caller and prove nothing.
 *
 * @module
 */

import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type Koa from 'koa';
import type { Origin } from '../../storage/audit/audit-log.ts';

/** @returns what reads a request's address and browser, for the audit trail and for limits. */
export function originReader(trustedHops: number): (ctx: Koa.Context) => Origin {
  return (ctx) => ({
    address: clientAddress(ctx.req, trustedHops) || undefined,
    userAgent: ctx.get('User-Agent') || undefined,
  });
}

/**
 * @param trustedHops how many proxies are in front; 0 ignores all forwarded headers.
 * @returns an IPv4 or IPv6 address; the empty string once the connection is gone.
 */
export function clientAddress(request: IncomingMessage, trustedHops: number): string {
  const seen = plain(request.socket.remoteAddress ?? '');
  if (trustedHops === 0) return seen;
  const forwarded = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  const chain = [...forwarded.map(plain).filter((address) => address !== ''), seen];
  const caller = chain[Math.max(0, chain.length - 1 - trustedHops)] ?? '';
  return isIP(caller) === 0 ? seen : caller;
}

/** Takes off brackets, a port and the IPv4-in-IPv6 prefix. */
function plain(text: string): string {
  const address = text.trim();
  const bare = /^\[(.*)\](?::\d+)?$/.exec(address)?.[1] ?? address.replace(/^([\d.]+):\d+$/, '$1');
  return bare.replace(/^::ffff:(?=\d+\.)/i, '');
}
