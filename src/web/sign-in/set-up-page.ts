/**
 * The page behind a one-time link with which a person sets their password.
 *
 *   GET  /set-up/:token   the form, or what became of the link; changes nothing
 *   POST /set-up/:token   sets the password and signs in; works once
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { byPassword } from '../../accounts/authentication.ts';
import { readSetUpLink, type SetUpResult, setUp } from '../../accounts/set-up.ts';
import { sha256 } from '../../lib/secrets.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import type { SetUpLink } from '../../storage/people/set-up-links.ts';
import { answerOnce } from '../page/answer-once.ts';
import { currentAccount, type PageParts, type SignedIn, seeOther } from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import { passwordFaults, waitText } from './password-texts.ts';

/** The routes of set-up links. */
export function setUpRoutes(parts: PageParts): Router {
  return strictRouter()
    .get('/set-up/:token', (ctx) => open(parts, ctx))
    .post('/set-up/:token', (ctx) => send(parts, ctx));
}

function tokenOf(ctx: Koa.Context): string {
  const { token = '' } = (ctx as Koa.Context & { params: Record<string, string> }).params;
  return token;
}

async function open(parts: PageParts, ctx: Koa.Context): Promise<void> {
  const link = await readSetUpLink(parts.db, tokenOf(ctx));
  if (link?.state !== 'open') return showOver(parts, ctx, link?.state ?? 'unknown');
  showForm(parts, ctx, link, await currentAccount(parts, ctx));
}

function showForm(
  { formTokens, messagesOf, renderPage }: PageParts,
  ctx: Koa.Context,
  { accountId, email, hasPassword }: SetUpLink,
  signedIn: SignedIn | undefined,
  error?: string,
): void {
  const account = signedIn?.account;
  const token = tokenOf(ctx);
  renderPage(ctx, 'set-up', {
    title: messagesOf(ctx).text('set-up.title'),
    isNarrow: true,
    isRefused: error !== undefined,
    account,
    isForOther: account !== undefined && account.id !== accountId,
    email,
    hasPassword,
    path: `/set-up/${token}`,
    token: formTokens.issue(ctx, { purpose: purposeOf(token) }),
    error,
  });
}

async function send(parts: PageParts, ctx: Koa.Context): Promise<void> {
  const fields = await readForm(ctx);
  parts.formTokens.check(ctx, { purpose: purposeOf(tokenOf(ctx)) }, fields.get('token'));
  await answerOnce(parts, ctx, fields, () => take(parts, ctx, fields));
}

async function take(parts: PageParts, ctx: Koa.Context, fields: URLSearchParams): Promise<void> {
  const token = tokenOf(ctx);
  const link = await readSetUpLink(parts.db, token);
  if (link?.state !== 'open') return showOver(parts, ctx, link?.state ?? 'unknown');
  const signedIn = await currentAccount(parts, ctx);
  if (signedIn !== undefined && signedIn.account.id !== link.accountId) {
    ctx.status = 409;
    return showForm(parts, ctx, link, signedIn);
  }
  const password = fields.get('password') ?? '';
  const result = await setUp({ db: parts.db, token, password, origin: parts.originOf(ctx) });
  if (result.outcome !== 'set') return refuse(parts, ctx, { link, signedIn, result });
  await parts.sessions.signIn(ctx, result.account, byPassword);
  seeOther(ctx, '/account?done=set-up');
}

interface Refused {
  readonly link: SetUpLink;
  readonly signedIn: SignedIn | undefined;
  readonly result: Exclude<SetUpResult, { outcome: 'set' }>;
}

function refuse(parts: PageParts, ctx: Koa.Context, { link, signedIn, result }: Refused): void {
  const t = parts.messagesOf(ctx);
  if (result.outcome === 'over') {
    showOver(parts, ctx, result.state);
  } else if (result.outcome === 'refused') {
    ctx.status = 422;
    showForm(parts, ctx, link, signedIn, t.text(passwordFaults[result.why]));
  } else {
    const { retryAfterSeconds } = result;
    ctx.status = 429;
    ctx.set('Retry-After', String(retryAfterSeconds));
    showForm(parts, ctx, link, signedIn, waitText(t, retryAfterSeconds));
  }
}

/** What happened to a link, and the way on. */
const over = {
  used: { status: 410, what: 'set-up.used', next: 'set-up.used-next', canSignIn: true },
  replaced: { status: 410, what: 'set-up.replaced', next: 'set-up.replaced-next', canSignIn: true },
  expired: { status: 410, what: 'set-up.expired', next: 'set-up.expired-next', canSignIn: false },
  suspended: {
    status: 403,
    what: 'set-up.suspended',
    next: 'set-up.suspended-next',
    canSignIn: false,
  },
  unknown: { status: 404, what: 'set-up.unknown', next: 'set-up.unknown-next', canSignIn: false },
} as const;

function showOver(
  { messagesOf, renderPage }: PageParts,
  ctx: Koa.Context,
  state: keyof typeof over,
): void {
  const t = messagesOf(ctx);
  const { status, what, next, canSignIn } = over[state];
  ctx.status = status;
  const texts = { what: t.text(what), next: t.text(next) };
  renderPage(ctx, 'set-up-over', {
    title: t.text('set-up.over'),
    isNarrow: true,
    ...texts,
    canSignIn,
  });
}

/** A form serves one link. */
function purposeOf(token: string): string {
  return `set-up:${sha256(token).toString('base64url')}`;
}
