/**
 * Signing in for our own pages, and signing out.
 *
 *   GET  /sign-in?next=/account   the form
 *   POST /sign-in                 a new session, then on to `next`
 *   GET  /sign-out                asks
 *   POST /sign-out                ends the session
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { strictRouter } from '../../lib/strict-router.ts';
import { answerOnce } from '../page/answer-once.ts';
import { localPath } from '../page/local-path.ts';
import { PageError } from '../page/page-error.ts';
import { currentAccount, seeOther } from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import { type SignInForm, type SignInParts, showSignIn, takeSignIn } from './sign-in-form.ts';

/** The routes of sign-in and sign-out. */
export function signInRoutes(parts: SignInParts): Router {
  return strictRouter()
    .get('/sign-in', (ctx) => openSignIn(parts, ctx))
    .post('/sign-in', (ctx) => sendSignIn(parts, ctx))
    .get('/sign-out', (ctx) => openSignOut(parts, ctx))
    .post('/sign-out', (ctx) => sendSignOut(parts, ctx));
}

async function openSignIn(parts: SignInParts, ctx: Koa.Context): Promise<void> {
  const next = nextOf(parts, ctx);
  if (await currentAccount(parts, ctx)) return seeOther(ctx, next);
  showSignIn(parts, ctx, formTo(next));
}

async function sendSignIn(parts: SignInParts, ctx: Koa.Context): Promise<void> {
  const fields = await readForm(ctx);
  const next = nextOf(parts, ctx);
  const form = formTo(next);
  parts.formTokens.check(ctx, form, fields.get('token'));
  await answerOnce(parts, ctx, fields, async () => {
    const account = await takeSignIn(parts, ctx, form, fields);
    if (account === undefined) return;
    if (!(await parts.sessions.signIn(ctx, account))) throw signedOutMeanwhile();
    seeOther(ctx, next);
  });
}

/** All sessions of the account were ended while this sign-in was on its way. */
function signedOutMeanwhile(): PageError {
  return new PageError(403, {
    what: 'error.signed-out-meanwhile',
    next: 'error.signed-out-meanwhile-next',
  });
}

function formTo(next: string): SignInForm {
  const action = `/sign-in?next=${encodeURIComponent(next)}`;
  return { purpose: 'sign-in', action, isCancellable: false };
}

function nextOf({ issuer }: SignInParts, ctx: Koa.Context): string {
  return localPath(ctx.URL.searchParams.get('next'), issuer) ?? '/account';
}

async function openSignOut(parts: SignInParts, ctx: Koa.Context): Promise<void> {
  const signedIn = await currentAccount(parts, ctx);
  if (signedIn === undefined) return seeOther(ctx, '/');
  const { account } = signedIn;
  const token = parts.formTokens.issue(ctx, { purpose: 'sign-out', accountId: account.id });
  const title = parts.messagesOf(ctx).text('sign-out.title');
  parts.renderPage(ctx, 'sign-out', { title, isNarrow: true, account, token });
}

async function sendSignOut(parts: SignInParts, ctx: Koa.Context): Promise<void> {
  const fields = await readForm(ctx);
  const signedIn = await currentAccount(parts, ctx);
  if (signedIn === undefined) return seeOther(ctx, '/');
  const binding = { purpose: 'sign-out', accountId: signedIn.account.id };
  parts.formTokens.check(ctx, binding, fields.get('token'));
  await parts.sessions.signOut(ctx);
  seeOther(ctx, '/');
}
