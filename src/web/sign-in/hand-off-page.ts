/**
 * Signing in at the platform itself, which has no OpenID provider: `SIGN_IN_URL`.
 *
 *   GET  /sign-in/hand-off          begins, and goes to the platform with a challenge
 *   GET  /sign-in/hand-off/finish   comes back with the answer: a session, or why there is none
 *
 * The answer is the platform's alone, see upstream/hand-offs.ts; here it counts in the browser that began.
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { byProvider } from '../../accounts/authentication.ts';
import { printId } from '../../lib/ids.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import { recordAuditEvent } from '../../storage/audit/audit-log.ts';
import { findAccount } from '../../storage/people/accounts.ts';
import { claimHandOff, newChallenge, rememberHandOff } from '../../upstream/hand-offs.ts';
import { seeOther } from '../page/page-parts.ts';
import {
  browserOf,
  countBeginning,
  destinationOf,
  type ElsewhereParts,
  goOnSignedIn,
  knownBrowserOf,
  requestOf,
  showFailure,
} from './elsewhere.ts';
import { type Destination, handOffWay } from './ways-in.ts';

/** What the pages need beside the rest. */
export interface HandOffParts extends ElsewhereParts {
  /** The platform's sign-in page. */
  readonly signInUrl: string;
}

/** The routes in the browser. */
export function handOffRoutes(parts: HandOffParts): Router {
  return strictRouter()
    .get(handOffWay(parts.signInUrl).path, (ctx) => begin(parts, ctx))
    .get(`${handOffWay(parts.signInUrl).path}/finish`, (ctx) => finish(parts, ctx));
}

async function begin(parts: HandOffParts, ctx: Koa.Context): Promise<void> {
  ctx.set('Cache-Control', 'no-store');
  const { db, issuer, signInUrl } = parts;
  const destination = destinationOf(parts, ctx);
  const request = await requestOf(parts, ctx, destination);
  await countBeginning(parts, ctx);
  const isAsked = request?.isFreshSignInAsked === true || request?.stepUp !== undefined;
  const isFresh = destination.isFresh === true || isAsked;
  const challenge = newChallenge();
  const { origin: platform } = new URL(signInUrl);
  const finish = `${issuer}${handOffWay(signInUrl).path}/finish`;
  const begun = { destination, isFresh, platform, finish };
  await rememberHandOff(db, { challenge, browserId: browserOf(parts, ctx) }, begun);
  const there = new URL(signInUrl);
  there.searchParams.set('challenge', challenge);
  if (isFresh) there.searchParams.set('prompt', 'login');
  if (request?.loginHint !== undefined) there.searchParams.set('login_hint', request.loginHint);
  seeOther(ctx, there.href);
}

async function finish(parts: HandOffParts, ctx: Koa.Context): Promise<void> {
  ctx.set('Cache-Control', 'no-store');
  const way = handOffWay(parts.signInUrl);
  const [answer = '', another] = ctx.URL.searchParams.getAll('answer');
  const browserId = knownBrowserOf(parts, ctx);
  const named = await claimHandOff(parts.db, another === undefined ? answer : '', browserId);
  if (named === undefined)
    return showFailure(parts, ctx, { failure: 'over', way, destination: undefined });
  const destination = named.destination as Destination;
  const account = named.account && (await findAccount(parts.db, named.account.id));
  if (named.account === undefined || account?.status !== 'active')
    return showFailure(parts, ctx, { failure: 'not-active', way, destination });
  // Whatever ended its sessions since it was named ends this one, too.
  const then = { ...account, signInEpoch: named.account.signInEpoch };
  await goOnSignedIn(parts, ctx, { account: then, destination, by: byProvider(named) }, (tx) =>
    recordAuditEvent(tx, {
      action: 'sign_in.succeeded',
      actorAccountId: account.id,
      subject: printId('user', account.id),
      after: { platform: named.platform },
      origin: parts.originOf(ctx),
    }),
  );
}
