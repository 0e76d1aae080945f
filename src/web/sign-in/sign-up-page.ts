/**
 * A new account, where `SIGN_UP=open`.
 *
 *   GET  /sign-up          asks for the address
 *   POST /sign-up          303 to "check your mail", whoever has that address
 *   GET  /sign-up/:token   the form behind the link: name and password; changes nothing
 *   POST /sign-up/:token   makes the account, its address proven, and signs in; works once
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import {
  readSignUpLink,
  type SignUpByLinkResult,
  signUpByLink,
} from '../../accounts/sign-up-link.ts';
import type { Messages } from '../../lib/messages.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import { answerOnce } from '../page/answer-once.ts';
import { PageError } from '../page/page-error.ts';
import { currentAccount, seeOther } from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import {
  type Asking,
  askByForm,
  type LinkParts,
  purposeOf,
  showAsking,
  showLinkOver,
  showLinkSent,
  tokenOf,
} from './link-pages.ts';
import { goOnByLink, keepLanguage, openReturn } from './link-return.ts';
import { noteDevice } from './note-device.ts';
import { passwordFaults, waitText } from './password-texts.ts';
import { plainNext } from './ways-in.ts';

const asking: Asking = {
  kind: 'sign_up',
  purpose: 'sign-up',
  view: 'sign-in/ask-sign-up',
  path: '/sign-up',
  title: 'sign-up.title',
  fault: 'sign-up.email-fault',
};

/** The routes of sign-up. */
export function signUpRoutes(parts: LinkParts): Router {
  return strictRouter()
    .get('/sign-up', (ctx) => openAsking(parts, ctx))
    .post('/sign-up', (ctx) => ask(parts, ctx))
    .get('/sign-up/:token', (ctx) => open(parts, ctx))
    .post('/sign-up/:token', (ctx) => send(parts, ctx));
}

/** @throws {PageError} 403: accounts are not made here. */
function requireOpen({ signUp }: LinkParts): void {
  if (signUp === 'open') return;
  const next = signUp === 'invitation' ? 'sign-up.invitation-next' : 'sign-up.off-next';
  throw new PageError(403, { what: 'sign-up.closed', next });
}

async function openAsking(parts: LinkParts, ctx: Koa.Context): Promise<void> {
  requireOpen(parts);
  if (await currentAccount(parts, ctx)) return seeOther(ctx, plainNext);
  if (ctx.URL.searchParams.get('done') !== 'sent') return showAsking(parts, ctx, asking, '');
  await showLinkSent(parts, ctx, { text: 'sign-up.sent', path: asking.path });
}

async function ask(parts: LinkParts, ctx: Koa.Context): Promise<void> {
  requireOpen(parts);
  await askByForm(parts, ctx, asking);
}

/** What was typed into the form of a new account, and what is wrong with it. */
interface Typed {
  readonly name?: string;
  readonly errors?: Partial<Record<'name' | 'password', string>>;
}

async function open(parts: LinkParts, ctx: Koa.Context, typed: Typed = {}): Promise<void> {
  requireOpen(parts);
  const { formTokens, messagesOf, renderPage } = parts;
  const token = tokenOf(ctx);
  const link = await readSignUpLink(parts.db, token);
  if (link?.state !== 'open') return showOver(parts, ctx, link?.state ?? 'unknown');
  await keepLanguage(parts, ctx, openReturn(parts, ctx, link.returnTo));
  const signedIn = await currentAccount(parts, ctx);
  const { name = '', errors = {} } = typed;
  renderPage(ctx, 'sign-in/sign-up', {
    title: messagesOf(ctx).text('sign-up.title'),
    isNarrow: true,
    isRefused: Object.keys(errors).length > 0,
    account: signedIn?.account,
    email: link.email,
    path: `/sign-up/${token}`,
    token: formTokens.issue(ctx, { purpose: purposeOf(asking, token) }),
    name,
    errors,
  });
}

async function send(parts: LinkParts, ctx: Koa.Context): Promise<void> {
  requireOpen(parts);
  const fields = await readForm(ctx);
  parts.formTokens.check(ctx, { purpose: purposeOf(asking, tokenOf(ctx)) }, fields.get('token'));
  await answerOnce(parts, ctx, fields, async () => {
    if (await currentAccount(parts, ctx)) {
      ctx.status = 409;
      return open(parts, ctx);
    }
    const name = fields.get('name') ?? '';
    const password = fields.get('password') ?? '';
    const origin = parts.originOf(ctx);
    const result = await signUpByLink({
      db: parts.db,
      token: tokenOf(ctx),
      name,
      password,
      origin,
    });
    if (result.outcome !== 'signed_up') return refuse(parts, ctx, name, result);
    const { account, returnTo } = result;
    await noteDevice(parts, ctx, account, { isMailed: true });
    await goOnByLink(parts, ctx, account, { returnTo, otherwise: '/account?done=signed-up' });
  });
}

async function refuse(
  parts: LinkParts,
  ctx: Koa.Context,
  name: string,
  result: Exclude<SignUpByLinkResult, { outcome: 'signed_up' }>,
): Promise<void> {
  const t = parts.messagesOf(ctx);
  if (result.outcome === 'throttled') {
    ctx.status = 429;
    ctx.set('Retry-After', String(result.retryAfterSeconds));
    const password = waitText(t, result.retryAfterSeconds);
    return open(parts, ctx, { name, errors: { password } });
  }
  const isOver = result.outcome === 'over' || result.why === 'has_account';
  if (isOver) {
    const link = await readSignUpLink(parts.db, tokenOf(ctx));
    const state = link?.state ?? 'unknown';
    return showOver(parts, ctx, state === 'open' ? 'used' : state);
  }
  ctx.status = 422;
  return open(parts, ctx, { name, errors: faultsOf(t, result.why) });
}

function faultsOf(t: Messages, why: keyof typeof passwordFaults | 'bad_name' | 'has_account') {
  if (why === 'bad_name' || why === 'has_account') return { name: t.text('join.name-fault') };
  return { password: t.text(passwordFaults[why]) };
}

const signIn = { href: '/sign-in', label: 'link.sign-in' } as const;
const again = { href: '/sign-up', label: 'sign-up.again' } as const;

/** What happened to a link, and the way on. */
const over = {
  used: { status: 410, what: 'sign-up.used', next: 'sign-up.used-next', ...signIn },
  replaced: { status: 410, what: 'sign-up.used', next: 'sign-up.used-next', ...signIn },
  suspended: { status: 410, what: 'sign-up.used', next: 'sign-up.used-next', ...signIn },
  expired: { status: 410, what: 'sign-up.expired', next: 'sign-up.expired-next', ...again },
  unknown: { status: 404, what: 'sign-up.unknown', next: 'sign-up.unknown-next', ...again },
} as const;

function showOver(parts: LinkParts, ctx: Koa.Context, state: keyof typeof over): void {
  showLinkOver(parts, ctx, over[state]);
}
