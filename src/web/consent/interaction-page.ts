/**
 * Signing in on the way of an application's authorization request.
 *
 *   GET  /interaction/:uid           goes to the step that is due
 *   GET  /interaction/:uid/sign-in   the form
 *   POST /interaction/:uid/sign-in   goes on with the request, or answers the application "no"
 *
 * The request is the one in the store that belongs to this browser; a form brings no part of it.
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { isTwoFactorsEnough } from '../../accounts/authentication.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import type { AuthorizationRequest, Interactions } from '../../provider/interactions.ts';
import { findApplication } from '../../storage/clients/client-list.ts';
import { findAccount } from '../../storage/people/accounts.ts';
import { PageError } from '../page/page-error.ts';
import { seeOther } from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import { passkeyOfferPath } from '../sign-in/passkey-offer-page.ts';
import {
  openSignInForm,
  type Proven,
  type SignInForm,
  type SignInParts,
  takeSignIn,
} from '../sign-in/sign-in-form.ts';

/** What these pages need beside the sign-in form. */
export interface InteractionParts extends SignInParts {
  readonly interactions: Interactions;
}

/** The routes up to the consent page, which has its own. */
export function interactionRoutes(parts: InteractionParts): Router {
  return strictRouter()
    .get('/interaction/:uid', async (ctx) => seeOther(ctx, stepOf(await read(parts, ctx))))
    .get('/interaction/:uid/sign-in', (ctx) => openSignIn(parts, ctx))
    .post('/interaction/:uid/sign-in', (ctx) => sendSignIn(parts, ctx));
}

async function openSignIn(parts: InteractionParts, ctx: Koa.Context): Promise<void> {
  const request = await read(parts, ctx);
  const { isAnother } = addressOf(ctx);
  if (request.prompt === 'consent' && !isAnother) return seeOther(ctx, stepOf(request));
  await openSignInForm(parts, ctx, await formOf(parts, ctx, request));
}

async function sendSignIn(parts: InteractionParts, ctx: Koa.Context): Promise<void> {
  const fields = await readForm(ctx);
  const waiting = await parts.interactions.read(ctx);
  const answered = await parts.interactions.answered(ctx); // asked last: it may be over just now
  if (answered !== undefined) return seeOther(ctx, answered); // a second submit
  const request = stillWaiting(waiting);
  const { isAnother } = addressOf(ctx);
  if (request.prompt === 'consent' && !isAnother) return seeOther(ctx, stepOf(request));
  const form = await formOf(parts, ctx, request);
  parts.formTokens.check(ctx, form, fields.get('token'));
  if (fields.get('action') === 'cancel') {
    return seeOther(ctx, await cancel(parts, ctx, request));
  }
  const proven = await takeSignIn(parts, ctx, form, fields);
  if (proven) seeOther(ctx, await goOn(parts, ctx, proven));
}

/** Where a passkey is offered first, the session begins here: the offer is a page of the account. */
async function goOn(
  { interactions, issuer, sessions }: InteractionParts,
  ctx: Koa.Context,
  { account, by, isPasskeyOffered }: Proven,
): Promise<string> {
  const isOffered = isPasskeyOffered && (await sessions.signIn(ctx, account, by));
  const resume = await interactions.signedIn(ctx, account, by);
  return isOffered ? passkeyOfferPath(resume.slice(issuer.length)) : resume;
}

/** RFC 9470 section 5: whoever needs a passkey for the request and has none gives up here. */
function cancel(
  { interactions }: InteractionParts,
  ctx: Koa.Context,
  request: AuthorizationRequest,
) {
  if (request.stepUp !== 'class') return interactions.refused(ctx, 'The user did not sign in.');
  const description = 'The user did not sign in as acr_values asks.';
  return interactions.refused(ctx, description, 'unmet_authentication_requirements');
}

/** @throws {PageError} 404: the request is over, or was begun in another browser. */
async function read(
  { interactions }: InteractionParts,
  ctx: Koa.Context,
): Promise<AuthorizationRequest> {
  return stillWaiting(await interactions.read(ctx));
}

function stillWaiting(request: AuthorizationRequest | undefined): AuthorizationRequest {
  if (request !== undefined) return request;
  throw new PageError(404, {
    title: 'error.oauth-title',
    what: 'error.sign-in-over',
    next: 'error.sign-in-over-next',
  });
}

/** Signing in also answers who is asked to choose an account: see select-account-page.ts. */
const steps = { login: 'sign-in', select_account: 'account', consent: 'consent' } as const;

function stepOf({ uid, prompt }: AuthorizationRequest): string {
  return `/interaction/${uid}/${steps[prompt]}`;
}

/** Whoever is asked for consent can sign in as somebody else: `?another=yes`. */
function addressOf(ctx: Koa.Context) {
  const isAnother = ctx.URL.searchParams.get('another') === 'yes';
  return { isAnother, query: isAnother ? '?another=yes' : '' };
}

async function formOf(
  { db }: InteractionParts,
  ctx: Koa.Context,
  request: AuthorizationRequest,
): Promise<SignInForm> {
  const { uid, clientId, loginHint, accountId, stepUp, acrValues, waitsFor } = request;
  const application = await findApplication(db, clientId, accountId);
  const again = stepUp && accountId ? await findAccount(db, accountId) : undefined;
  const { isAnother, query } = addressOf(ctx);
  return {
    purpose: `sign-in:${uid}`,
    action: `/interaction/${uid}/sign-in${query}`,
    email: isAnother ? undefined : (loginHint ?? again?.email),
    application,
    destination: { kind: 'interaction', uid, isFresh: isAnother },
    isCancellable: true,
    isSignedOut:
      accountId === undefined && (waitsFor !== undefined || request.keptChoice !== undefined),
    stepUp: stepUp === 'class' && isTwoFactorsEnough(acrValues) ? 'factors' : stepUp,
  };
}
