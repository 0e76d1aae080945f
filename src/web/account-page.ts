/**
 * The account's own page.
 *
 *   GET  /account            who I am, where I am signed in, a new password
 *   POST /account/password   changes the password; other sessions end
 *   POST /account/sessions   ends the other sessions
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { changePassword, type PasswordChangeResult } from '../accounts/change-password.ts';
import { endOtherSessions } from '../accounts/end-other-sessions.ts';
import { strictRouter } from '../lib/strict-router.ts';
import { listAccountSessions } from '../storage/account-sessions.ts';
import {
  accountOfForm,
  accountOrSignIn,
  type PageParts,
  type SignedIn,
  seeOther,
} from './page-parts.ts';
import { readForm } from './read-form.ts';
import { inMinutes } from './sign-in-form.ts';

/** The routes of `/account`, without those of the applications. */
export function accountRoutes(parts: PageParts): Router {
  return strictRouter()
    .get('/account', (ctx) => openAccount(parts, ctx))
    .post('/account/password', (ctx) => sendPassword(parts, ctx))
    .post('/account/sessions', (ctx) => sendSessions(parts, ctx));
}

const purpose = 'account';

/** What is said after a form was taken; the address names it, so it is one of these. */
const done: Readonly<Record<string, string>> = {
  password: 'Your password is changed. You are signed out everywhere else.',
  sessions: 'You are signed out everywhere else.',
  'set-up': 'Your password is set, and you are signed in.',
  joined: 'You have joined the organization.',
  declined: 'You have declined the invitation.',
};

type FieldErrors = Partial<Record<'current' | 'new' | 'repeated', string>>;

async function openAccount(parts: PageParts, ctx: Koa.Context): Promise<void> {
  const signedIn = await accountOrSignIn(parts, ctx);
  if (signedIn) await show(parts, ctx, signedIn, {});
}

async function show(
  { db, formTokens, renderPage }: PageParts,
  ctx: Koa.Context,
  { account, sessionUid }: SignedIn,
  errors: FieldErrors,
): Promise<void> {
  const sessions = await listAccountSessions(db, account.id);
  renderPage(ctx, 'account', {
    title: 'Your account',
    isRefused: Object.keys(errors).length > 0,
    account,
    sessions: sessions.map(({ uid, createdAt }) => ({
      createdAt: createdAt.toISOString(),
      isThis: uid === sessionUid,
    })),
    token: formTokens.issue(ctx, { purpose, accountId: account.id }),
    errors,
    done: done[ctx.URL.searchParams.get('done') ?? ''],
  });
}

async function sendPassword(parts: PageParts, ctx: Koa.Context): Promise<void> {
  const { signedIn, fields } = await take(parts, ctx);
  const newPassword = fields.get('new_password') ?? '';
  if (fields.get('repeated_password') !== newPassword) {
    ctx.status = 422;
    return show(parts, ctx, signedIn, { repeated: 'This is not the same as the new password.' });
  }
  const result = await changePassword({
    db: signedIn.db,
    accountId: signedIn.account.id,
    currentPassword: fields.get('current_password') ?? '',
    newPassword,
    keptSessionUid: signedIn.sessionUid,
    origin: parts.originOf(ctx),
  });
  if (result.outcome !== 'changed') return refuse(parts, ctx, signedIn, result);
  const { id } = signedIn.account;
  const { signInEpoch } = result;
  await parts.sessions.signIn(ctx, { id, signInEpoch }); // a new id, as after any password
  seeOther(ctx, '/account?done=password');
}

function refuse(
  parts: PageParts,
  ctx: Koa.Context,
  signedIn: SignedIn,
  result: Exclude<PasswordChangeResult, { outcome: 'changed' }>,
): Promise<void> {
  if (result.outcome === 'throttled') {
    ctx.status = 429;
    ctx.set('Retry-After', String(result.retryAfterSeconds));
    const wait = `Too many tries. Wait ${inMinutes(result.retryAfterSeconds)}, then try again.`;
    return show(parts, ctx, signedIn, { current: wait });
  }
  ctx.status = 422;
  return show(parts, ctx, signedIn, faults[result.why]);
}

const faults = {
  wrong_password: { current: 'This is not your password.' },
  too_short: { new: 'Take at least 8 characters.' },
  too_long: { new: 'Take at most 1,024 bytes: about a thousand letters.' },
  not_text: { new: 'This holds characters that are not text.' },
} as const;

async function sendSessions(parts: PageParts, ctx: Koa.Context): Promise<void> {
  const { signedIn } = await take(parts, ctx);
  await endOtherSessions(signedIn.db, {
    accountId: signedIn.account.id,
    keptSessionUid: signedIn.sessionUid,
    origin: parts.originOf(ctx),
  });
  seeOther(ctx, '/account?done=sessions');
}

async function take(parts: PageParts, ctx: Koa.Context) {
  const fields = await readForm(ctx);
  const signedIn = await accountOfForm(parts, ctx);
  const binding = { purpose, accountId: signedIn.account.id };
  parts.formTokens.check(ctx, binding, fields.get('token'));
  return { signedIn, fields };
}
