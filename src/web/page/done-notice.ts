/**
 * What was done on the way to another page, whichever that is: the first page that a person sees after it says so,
 * once. The browser keeps the name of it for a minute, and nothing else: no link can make a page say it.
 *
 * @module
 */

import type Koa from 'koa';
import { type Cookie, createCookie } from '../../lib/cookies.ts';

/** What can be said, by what the cookie holds: keys of messages. */
const texts = { passkey: 'security.done-added' } as const;

const keptSeconds = 60;

function cookieOf(issuer: string): Cookie {
  return createCookie('usher_done', { issuer });
}

/** The next page says it. */
export function sayDone(
  { issuer }: { readonly issuer: string },
  ctx: Koa.Context,
  what: keyof typeof texts,
): void {
  cookieOf(issuer).write(ctx, what, keptSeconds);
}

/** @returns the key of what this page says; undefined: nothing. No other page says it again. */
export function takeDone(issuer: string, ctx: Koa.Context): string | undefined {
  const cookie = cookieOf(issuer);
  if (cookie.read(ctx) !== 'passkey') return undefined;
  cookie.write(ctx, '', 0);
  return texts.passkey;
}
