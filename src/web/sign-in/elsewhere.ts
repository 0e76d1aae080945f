/**
 * What every sign-in that leads elsewhere has in common: where it goes on afterwards, its end, and the
 * page that says why it came to nothing.
 *
 * @module
 */

import type Koa from 'koa';
import type { Authentication } from '../../accounts/authentication.ts';
import { limit, takeAttempt } from '../../accounts/throttle.ts';
import { browserIdentity } from '../../lib/browser-identity.ts';
import { networkOf } from '../../lib/network.ts';
import type { AuthorizationRequest, Interactions } from '../../provider/interactions.ts';
import type { Db } from '../../storage/engine/database.ts';
import type { Account } from '../../storage/people/accounts.ts';
import { localPath } from '../page/local-path.ts';
import { PageError } from '../page/page-error.ts';
import { type PageParts, seeOther } from '../page/page-parts.ts';
import type { KnownDevices } from './known-devices.ts';
import { noteDevice } from './note-device.ts';
import { addressOf, type Destination, plainNext, type WayIn, type WaysIn } from './ways-in.ts';

/** What these pages need beside the rest. */
export interface ElsewhereParts extends PageParts {
  readonly interactions: Interactions;
  readonly waysIn: WaysIn;
  readonly knownDevices: KnownDevices;
}

/** @returns where the sign-in goes on, from the query of the address at which it begins. */
export function destinationOf({ issuer }: ElsewhereParts, ctx: Koa.Context): Destination {
  const { searchParams } = ctx.URL;
  const uid = searchParams.get('interaction') ?? '';
  const isFresh = searchParams.get('again') === 'yes';
  if (/^[\w-]{1,64}$/.test(uid)) return { kind: 'interaction', uid, isFresh };
  const next = localPath(searchParams.get('next'), issuer) ?? plainNext;
  return { kind: 'page', next, isFresh };
}

/**
 * @returns the request that waits; undefined when a page of ours does.
 * @throws {PageError} 404: the request is over, or was begun in another browser.
 */
export async function requestOf(
  { interactions }: ElsewhereParts,
  ctx: Koa.Context,
  destination: Destination,
): Promise<AuthorizationRequest | undefined> {
  if (destination.kind === 'page') return undefined;
  const request = await interactions.named(destination.uid).read(ctx);
  if (request !== undefined) return request;
  throw new PageError(404, {
    title: 'error.oauth-title',
    what: 'error.sign-in-over',
    next: 'error.sign-in-over-next',
  });
}

const beginningsPerNetwork = 300;

/** @throws {PageError} 429: too many were begun from this network. */
export async function countBeginning(parts: ElsewhereParts, ctx: Koa.Context): Promise<void> {
  const network = networkOf(parts.originOf(ctx).address ?? '');
  const wait = await takeAttempt(parts.db, [
    limit(beginningsPerNetwork, 'sign-in', 'elsewhere', network),
  ]);
  if (wait === undefined) return;
  throw new PageError(429, {
    what: 'error.429-what',
    next: 'error.429-next',
    headers: { 'Retry-After': String(wait) },
  });
}

/** @returns the id of the browser, which gets one if it has none. */
export function browserOf({ issuer }: PageParts, ctx: Koa.Context): string {
  return browserIdentity(issuer).ensure(ctx);
}

/** @returns the id of the browser; undefined when it has none. */
export function knownBrowserOf({ issuer }: PageParts, ctx: Koa.Context): string | undefined {
  return browserIdentity(issuer).read(ctx);
}

/** Somebody who has proven elsewhere who they are. */
interface ElsewhereProven {
  readonly account: Account;
  readonly destination: Destination;
  readonly by: Authentication;
}

/**
 * Begins the session and goes on.
 *
 * @param alongside is done in the transaction that begins the session.
 * @throws {PageError} 403 the account's sessions were ended meanwhile; 404 the request is over.
 */
export async function goOnSignedIn(
  parts: ElsewhereParts,
  ctx: Koa.Context,
  { account, destination, by }: ElsewhereProven,
  alongside?: (tx: Db, sessionUid: string) => Promise<void>,
): Promise<void> {
  const request = await requestOf(parts, ctx, destination);
  if (!(await parts.sessions.signIn(ctx, account, by, alongside))) throw signedOutMeanwhile();
  await noteDevice(parts, ctx, account);
  if (destination.kind === 'page' || request === undefined)
    return seeOther(ctx, destination.kind === 'page' ? destination.next : plainNext);
  seeOther(ctx, await parts.interactions.named(destination.uid).signedIn(ctx, account, by));
}

function signedOutMeanwhile(): PageError {
  return new PageError(403, {
    what: 'error.signed-out-meanwhile',
    next: 'error.signed-out-meanwhile-next',
  });
}

/** Why it came to nothing: the status, and the keys of the texts. */
const failures = {
  unavailable: {
    status: 503,
    title: 'elsewhere.unavailable-title',
    what: 'elsewhere.unavailable-what',
    next: 'elsewhere.unavailable-next',
  },
  untrusted: {
    status: 502,
    title: 'elsewhere.untrusted-title',
    what: 'elsewhere.untrusted-what',
    next: 'elsewhere.untrusted-next',
  },
  declined: {
    status: 403,
    title: 'elsewhere.declined-title',
    what: 'elsewhere.declined-what',
    next: 'elsewhere.declined-next',
  },
  over: {
    status: 410,
    title: 'elsewhere.over-title',
    what: 'elsewhere.over-what',
    next: 'elsewhere.over-next',
  },
  'not-active': {
    status: 403,
    title: 'elsewhere.not-active-title',
    what: 'elsewhere.not-active-what',
    next: 'elsewhere.not-active-next',
  },
  'no-address': {
    status: 403,
    title: 'elsewhere.no-address-title',
    what: 'elsewhere.no-address-what',
    next: 'elsewhere.no-address-next',
  },
  unverified: {
    status: 403,
    title: 'elsewhere.unverified-title',
    what: 'elsewhere.unverified-what',
    next: 'elsewhere.unverified-next',
  },
  'address-taken': {
    status: 403,
    title: 'elsewhere.address-taken-title',
    what: 'elsewhere.address-taken-what',
    next: 'elsewhere.address-taken-next',
  },
  'other-identity': {
    status: 403,
    title: 'elsewhere.other-identity-title',
    what: 'elsewhere.other-identity-what',
    next: 'elsewhere.other-identity-next',
  },
} as const;

/** Why it came to nothing. */
export type Failure = keyof typeof failures;

/** Shows why nobody was signed in, and the ways on. */
export async function showFailure(
  parts: ElsewhereParts,
  ctx: Koa.Context,
  { failure, way, destination }: Failed,
): Promise<void> {
  const t = parts.messagesOf(ctx);
  const { hasPasswords } = parts.waysIn;
  const others = (await parts.waysIn.list()).length > 1 || hasPasswords;
  const uid = destination?.kind === 'interaction' ? destination.uid : undefined;
  const signIn = uid === undefined ? signInAddress(destination) : `/interaction/${uid}/sign-in`;
  const { status, ...keys } = failures[failure];
  ctx.status = status;
  ctx.state['reason'] ??= `sign-in elsewhere: ${failure}`;
  parts.renderPage(ctx, 'sign-in/elsewhere-failed', {
    title: t.text(keys.title),
    isNarrow: true,
    what: t.text(keys.what, { provider: way.name }),
    next: t.text(keys.next, { provider: way.name }),
    again: addressOf(way, destination ?? { kind: 'page', next: plainNext }),
    others: others ? signIn : undefined,
    cancel:
      uid === undefined
        ? undefined
        : { action: signIn, token: parts.formTokens.issue(ctx, { purpose: `sign-in:${uid}` }) },
  });
}

/** What came to nothing; the destination is not known of a sign-in that is over. */
export interface Failed {
  readonly failure: Failure;
  readonly way: WayIn;
  readonly destination: Destination | undefined;
}

function signInAddress(destination: Destination | undefined): string {
  if (destination?.kind !== 'page') return '/sign-in';
  return `/sign-in?next=${encodeURIComponent(destination.next)}`;
}
