/**
 * Where a link by mail leads back to: somebody came from an application's request, or on the way to a page,
 * had forgotten the password or had no account yet, and goes on there once the link was used.
 *
 * It is kept with the link, sealed under the id of the browser that asked. In another browser it does not
 * open, and the link ends where links end: there the request is none of theirs.
 *
 * @module
 */

import type Koa from 'koa';
import { byPassword } from '../../accounts/authentication.ts';
import { browserIdentity } from '../../lib/browser-identity.ts';
import { WrongKeyError } from '../../lib/errors.ts';
import { open, seal } from '../../lib/key-wrapping.ts';
import { sha256 } from '../../lib/secrets.ts';
import type { Interactions } from '../../provider/interactions.ts';
import type { Account } from '../../storage/people/accounts.ts';
import { localPath } from '../page/local-path.ts';
import { type PageParts, seeOther } from '../page/page-parts.ts';
import { addressOf, type Destination, plainNext } from './ways-in.ts';

type Parts = Pick<PageParts, 'issuer' | 'sessions'> & { readonly interactions: Interactions };

const longestNext = 2_000;
const context = 'return of a link';

/** @returns where to go on to, from the query of a page that asks for a link; undefined: nowhere special. */
export function returnOf(
  { issuer }: Pick<Parts, 'issuer'>,
  ctx: Koa.Context,
): Destination | undefined {
  const { searchParams } = ctx.URL;
  const uid = searchParams.get('interaction') ?? '';
  if (/^[\w-]{1,64}$/.test(uid)) return { kind: 'interaction', uid };
  const next = localPath(searchParams.get('next'), issuer);
  return next === undefined || next.length > longestNext ? undefined : { kind: 'page', next };
}

/** @returns the address of a page that asks for a link, such as `/reset`, with where to go on to. */
export function withReturn(path: string, destination: Destination | undefined): string {
  if (destination === undefined) return path;
  const isPlain = destination.kind === 'page' && destination.next === plainNext;
  return isPlain ? path : addressOf({ path, name: '' }, { ...destination, isFresh: false });
}

/** @returns where one signs in instead. */
export function signInOf(destination: Destination | undefined): string {
  if (destination?.kind === 'interaction') return `/interaction/${destination.uid}/sign-in`;
  return withReturn('/sign-in', destination);
}

/** Pages are then in the language that the application asks for, as long as its request waits here. */
export async function keepLanguage(
  { interactions }: Parts,
  ctx: Koa.Context,
  destination: Destination | undefined,
): Promise<void> {
  if (destination?.kind === 'interaction') await interactions.named(destination.uid).read(ctx);
}

/** Seals where to go on to; this browser gets an id if it has none. */
export function sealReturn(
  { issuer }: Pick<Parts, 'issuer'>,
  ctx: Koa.Context,
  destination: Destination | undefined,
): Buffer | undefined {
  if (destination === undefined) return undefined;
  const key = keyOf(browserIdentity(issuer).ensure(ctx));
  return seal(key, Buffer.from(JSON.stringify(destination)), context);
}

/** @returns where to go on to; undefined in another browser than the one that asked. */
export function openReturn(
  { issuer }: Pick<Parts, 'issuer'>,
  ctx: Koa.Context,
  sealed: Buffer | undefined,
): Destination | undefined {
  const browserId = browserIdentity(issuer).read(ctx);
  if (browserId === undefined || sealed === undefined) return undefined;
  try {
    return JSON.parse(open(keyOf(browserId), sealed, context).toString()) as Destination;
  } catch (error) {
    if (error instanceof WrongKeyError) return undefined;
    throw error;
  }
}

function keyOf(browserId: string): Buffer {
  return sha256(`\0\0\0\x01${JSON.stringify([browserId])} usher return of a link`);
}

/**
 * Signs in whoever has just set the password of an account, and goes on.
 *
 * @param otherwise where it ends for everybody who has nowhere to go back to.
 */
export async function goOnByLink(
  parts: Parts,
  ctx: Koa.Context,
  account: Pick<Account, 'id' | 'signInEpoch'>,
  { returnTo, otherwise }: { readonly returnTo: Buffer | undefined; readonly otherwise: string },
): Promise<void> {
  const destination = openReturn(parts, ctx, returnTo);
  const isIn = await parts.sessions.signIn(ctx, account, byPassword);
  if (destination === undefined || !isIn) return seeOther(ctx, otherwise);
  if (destination.kind === 'page') return seeOther(ctx, destination.next);
  const request = parts.interactions.named(destination.uid);
  const isWaiting = (await request.read(ctx)) !== undefined;
  seeOther(ctx, isWaiting ? await request.signedIn(ctx, account, byPassword) : otherwise);
}
