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
import { type Authentication, byPasskey, byPassword } from '../../accounts/authentication.ts';
import { changePassword, type PasswordChangeResult } from '../../accounts/change-password.ts';
import { endOtherSessions } from '../../accounts/end-other-sessions.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import { listAccountSessions } from '../../storage/people/sessions.ts';
import { readWaysIn } from '../../storage/people/ways-in.ts';
import { answerOnce } from '../page/answer-once.ts';
import { hasProvingPasskey, type ProofParts, proofPath } from '../page/fresh-sign-in.ts';
import {
  accountOfForm,
  accountOrSignIn,
  type Sender,
  type SignedIn,
  seeOther,
} from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import { passwordFaults, waitText } from '../sign-in/password-texts.ts';

/** What the page needs beside the rest. */
export interface AccountParts extends ProofParts {
  readonly hasPasswords: boolean;
}

/** The routes of `/account`, without those of the applications. */
export function accountRoutes(parts: AccountParts): Router {
  return strictRouter()
    .get('/account', (ctx) => openAccount(parts, ctx))
    .post('/account/password', (ctx) => sendPassword(parts, ctx))
    .post('/account/sessions', (ctx) => sendSessions(parts, ctx));
}

const purpose = 'account';
const passwordSection = '/account#password';

/** The message after a form, by key; the address names it, so it is one of these. */
const done: Readonly<Record<string, string>> = {
  password: 'account-page.done-password',
  sessions: 'account-page.done-sessions',
  'set-up': 'account-page.done-set-up',
  reset: 'account-page.done-reset',
  'signed-up': 'account-page.done-signed-up',
  organization: 'account-page.done-organization',
  name: 'account-page.done-name',
  email: 'account-page.done-email',
  joined: 'account-page.done-joined',
  declined: 'account-page.done-declined',
};

type FieldErrors = Partial<Record<'current' | 'new' | 'repeated', string>>;

async function openAccount(parts: AccountParts, ctx: Koa.Context): Promise<void> {
  const signedIn = await accountOrSignIn(parts, ctx);
  if (signedIn) await show(parts, ctx, signedIn, {});
}

async function show(
  parts: AccountParts,
  ctx: Koa.Context,
  signedIn: SignedIn,
  errors: FieldErrors,
): Promise<void> {
  const { db, formTokens, hasPasswords, messagesOf, renderPage } = parts;
  const { account, sessionUid } = signedIn;
  const sessions = await listAccountSessions(db, account.id);
  const { hasPassword } = await readWaysIn(db, account.id, undefined);
  const t = messagesOf(ctx);
  const doneKey = done[ctx.URL.searchParams.get('done') ?? ''];
  renderPage(ctx, 'account', {
    title: t.text('account-page.title'),
    isRefused: Object.keys(errors).length > 0,
    account,
    hasPassword,
    confirmPath: await passwordProofPath(parts, signedIn),
    sessions: sessions.map(({ uid, createdAt }) => ({
      createdAt: createdAt.toISOString(),
      isThis: uid === sessionUid,
    })),
    token: formTokens.issue(ctx, { purpose, accountId: account.id }),
    errors,
    hasPasswords,
    done: doneKey && t.text(doneKey),
  });
}

/** The password in use is the proof, except where there is a passkey. @returns as `proofPath`. */
async function passwordProofPath(parts: AccountParts, by: SignedIn): Promise<string | undefined> {
  return (await hasProvingPasskey(parts, by)) ? proofPath(parts, by, passwordSection) : undefined;
}

async function sendPassword(parts: AccountParts, ctx: Koa.Context): Promise<void> {
  const fields = await readForm(ctx);
  const { signedIn } = await take(parts, ctx, fields);
  const confirmPath = await passwordProofPath(parts, signedIn);
  if (confirmPath !== undefined) return seeOther(ctx, confirmPath);
  await answerOnce(parts, ctx, fields, () => takePassword(parts, ctx, signedIn, fields));
}

async function takePassword(
  parts: AccountParts,
  ctx: Koa.Context,
  signedIn: Sender,
  fields: URLSearchParams,
): Promise<void> {
  const newPassword = fields.get('new_password') ?? '';
  if (fields.get('repeated_password') !== newPassword) {
    ctx.status = 422;
    const repeated = parts.messagesOf(ctx).text('account-page.password-different');
    return show(parts, ctx, signedIn, { repeated });
  }
  const result = await changePassword({
    work: signedIn.work,
    accountId: signedIn.account.id,
    currentPassword: fields.get('current_password') ?? '',
    newPassword,
    keptSessionUid: signedIn.sessionUid,
    locale: parts.messagesOf(ctx).locale,
    origin: parts.originOf(ctx),
  });
  if (result.outcome !== 'changed') return refuse(parts, ctx, signedIn, result);
  const { id } = signedIn.account;
  const { signInEpoch } = result;
  await parts.sessions.signIn(ctx, { id, signInEpoch }, provenBy(signedIn)); // a new id, as after any password
  seeOther(ctx, '/account?done=password');
}

/** Whoever came by a passkey goes on as somebody who did. */
function provenBy({ acr, amr }: SignedIn): Authentication {
  return acr === byPasskey.acr ? { acr, amr } : byPassword;
}

function refuse(
  parts: AccountParts,
  ctx: Koa.Context,
  signedIn: SignedIn,
  result: Exclude<PasswordChangeResult, { outcome: 'changed' }>,
): Promise<void> {
  const t = parts.messagesOf(ctx);
  if (result.outcome === 'throttled') {
    ctx.status = 429;
    ctx.set('Retry-After', String(result.retryAfterSeconds));
    return show(parts, ctx, signedIn, { current: waitText(t, result.retryAfterSeconds) });
  }
  ctx.status = 422;
  const { why } = result;
  const errors =
    why === 'wrong_password'
      ? { current: t.text('account-page.password-wrong') }
      : { new: t.text(passwordFaults[why]) };
  return show(parts, ctx, signedIn, errors);
}

async function sendSessions(parts: AccountParts, ctx: Koa.Context): Promise<void> {
  const fields = await readForm(ctx);
  const { signedIn } = await take(parts, ctx, fields);
  await answerOnce(parts, ctx, fields, async () => {
    await endOtherSessions(signedIn.work, {
      accountId: signedIn.account.id,
      keptSessionUid: signedIn.sessionUid,
      origin: parts.originOf(ctx),
    });
    return '/account?done=sessions';
  });
}

async function take(parts: AccountParts, ctx: Koa.Context, fields: URLSearchParams) {
  const signedIn = await accountOfForm(parts, ctx);
  const binding = { purpose, accountId: signedIn.account.id };
  parts.formTokens.check(ctx, binding, fields.get('token'));
  return { signedIn };
}
