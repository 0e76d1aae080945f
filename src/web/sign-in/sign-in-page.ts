/**
 * Signing in for our own pages, and signing out.
 *
 *   GET  /sign-in?next=/account   the form; without `next` it leads home
 *   GET  /sign-in?again=yes&...   the form for somebody who is signed in and proves it once more
 *   GET  /sign-in?passkey=yes&...  the same where only their passkey will do
 *   POST /sign-in                 a new session, then on to `next`
 *   GET  /sign-in/passkey/options what the page's script asks the browser to sign
 *   GET  /sign-out                asks
 *   POST /sign-out                ends the session
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { signInOptions } from '../../accounts/passkeys/sign-in.ts';
import { browserIdentity } from '../../lib/browser-identity.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import { answerAsBefore, answerOnce } from '../page/answer-once.ts';
import { localPath } from '../page/local-path.ts';
import { PageError } from '../page/page-error.ts';
import { currentAccount, type SignedIn, seeOther } from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import { passkeyOfferPath } from './passkey-offer-page.ts';
import { renderReturn } from './return-page.ts';
import { openSignInForm, type SignInForm, type SignInParts, takeSignIn } from './sign-in-form.ts';
import { type UpstreamSignOutParts, upstreamSignOut } from './upstream-sign-out.ts';
import { plainNext } from './ways-in.ts';

/** What the pages need beside the rest. */
export interface SignInPageParts extends SignInParts, UpstreamSignOutParts {}

/** The routes of sign-in and sign-out. */
export function signInRoutes(parts: SignInPageParts): Router {
  return strictRouter()
    .get('/sign-in/passkey/options', (ctx) => sendOptions(parts, ctx))
    .get('/sign-in', (ctx) => openSignIn(parts, ctx))
    .post('/sign-in', (ctx) => sendSignIn(parts, ctx))
    .get('/sign-out', (ctx) => openSignOut(parts, ctx))
    .post('/sign-out', (ctx) => sendSignOut(parts, ctx));
}

async function openSignIn(parts: SignInParts, ctx: Koa.Context): Promise<void> {
  const next = nextOf(parts, ctx);
  const signedIn = await currentAccount(parts, ctx);
  if (signedIn && !isAgain(ctx)) return seeOther(ctx, next);
  const form = formTo(ctx, next, isAgain(ctx) ? signedIn : undefined);
  await openSignInForm(parts, ctx, { ...form, email: signedIn?.account.email });
}

async function sendSignIn(parts: SignInParts, ctx: Koa.Context): Promise<void> {
  const fields = await readForm(ctx);
  const next = nextOf(parts, ctx);
  const form = formTo(ctx, next, isAgain(ctx) ? await currentAccount(parts, ctx) : undefined);
  parts.formTokens.check(ctx, form, fields.get('token'));
  await answerOnce(parts, ctx, fields, async () => {
    const proven = await takeSignIn(parts, ctx, form, fields);
    if (proven === undefined) return;
    if (!(await parts.sessions.signIn(ctx, proven.account, proven.by))) throw signedOutMeanwhile();
    seeOther(ctx, proven.isPasskeyOffered ? passkeyOfferPath(next) : next);
  });
}

/** All sessions of the account were ended while this sign-in was on its way. */
function signedOutMeanwhile(): PageError {
  return new PageError(403, {
    what: 'error.signed-out-meanwhile',
    next: 'error.signed-out-meanwhile-next',
  });
}

/** @param again whoever is signed in and proves it once more. */
function formTo(ctx: Koa.Context, next: string, again: SignedIn | undefined): SignInForm {
  const isPasskeyNeeded = again !== undefined && ctx.URL.searchParams.get('passkey') === 'yes';
  const asked = `${again ? 'again=yes&' : ''}${isPasskeyNeeded ? 'passkey=yes&' : ''}`;
  const query = `${asked}next=${encodeURIComponent(next)}`;
  const action = `/sign-in?${query}`;
  const destination = { kind: 'page', next, isFresh: again !== undefined } as const;
  return {
    purpose: 'sign-in',
    action,
    destination,
    isCancellable: false,
    again: again?.account.id,
    stepUp: isPasskeyNeeded ? 'passkey' : undefined,
  };
}

function isAgain(ctx: Koa.Context): boolean {
  return ctx.URL.searchParams.get('again') === 'yes';
}

/** A page of ours asks; other sites cannot read the answer, and it changes nothing. */
async function sendOptions(parts: SignInParts, ctx: Koa.Context): Promise<void> {
  const { passkeys, db, issuer } = parts;
  if (passkeys === undefined) return; // not found
  const browserId = browserIdentity(issuer).ensure(ctx);
  ctx.set('Cache-Control', 'no-store');
  ctx.body = await signInOptions(passkeys, db, browserId);
}

function nextOf({ issuer }: SignInParts, ctx: Koa.Context): string {
  return localPath(ctx.URL.searchParams.get('next'), issuer) ?? plainNext;
}

async function openSignOut(parts: SignInParts, ctx: Koa.Context): Promise<void> {
  const signedIn = await currentAccount(parts, ctx);
  if (signedIn === undefined) return seeOther(ctx, '/');
  const { account } = signedIn;
  const token = parts.formTokens.issue(ctx, { purpose: 'sign-out', accountId: account.id });
  const title = parts.messagesOf(ctx).text('sign-out.title');
  parts.renderPage(ctx, 'sign-out', { title, isNarrow: true, account, token });
}

async function sendSignOut(parts: SignInPageParts, ctx: Koa.Context): Promise<void> {
  const fields = await readForm(ctx);
  const goOn = leaveTo(parts);
  const signedIn = await currentAccount(parts, ctx);
  if (signedIn === undefined) {
    if (!(await answerAsBefore(parts, ctx, fields, goOn))) seeOther(ctx, '/');
    return;
  }
  const binding = { purpose: 'sign-out', accountId: signedIn.account.id };
  parts.formTokens.check(ctx, binding, fields.get('token'));
  const signOut = async () => {
    const after = { returnTo: undefined, isUnknown: false };
    const elsewhere = await upstreamSignOut(parts, ctx, signedIn.sessionUid, after);
    await parts.sessions.signOut(ctx);
    return elsewhere ?? '/';
  };
  await answerOnce(parts, ctx, fields, signOut, goOn);
}

/** A form of ours leads to this server only: a page goes on to another one. */
function leaveTo(parts: SignInPageParts) {
  return (ctx: Koa.Context, address: string) =>
    address.startsWith('/') ? seeOther(ctx, address) : renderReturn(parts, ctx, address);
}
