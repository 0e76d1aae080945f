/**
 * "Forgot your password?"
 *
 *   GET  /reset          asks for the address
 *   POST /reset          303 to "check your mail", whoever has that address
 *   GET  /reset/:token   the form behind the link, or what became of it; changes nothing
 *   POST /reset/:token   sets the password, ends what was chosen, and signs in; works once
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import {
  type OpenedReset,
  type ResetResult,
  readReset,
  resetPassword,
} from '../../accounts/reset-password.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import { consentsOf } from '../../storage/consents/consents.ts';
import type { Account } from '../../storage/people/accounts.ts';
import { listPasskeys } from '../../storage/people/passkeys.ts';
import { answerOnce } from '../page/answer-once.ts';
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

const asking: Asking = {
  kind: 'reset',
  purpose: 'reset',
  view: 'sign-in/ask-reset',
  path: '/reset',
  title: 'reset.title',
  fault: 'reset.email-fault',
};

/** The routes of a forgotten password. */
export function resetRoutes(parts: LinkParts): Router {
  return strictRouter()
    .get('/reset', (ctx) => openAsking(parts, ctx))
    .post('/reset', (ctx) => askByForm(parts, ctx, asking))
    .get('/reset/:token', (ctx) => open(parts, ctx))
    .post('/reset/:token', (ctx) => send(parts, ctx));
}

async function openAsking(parts: LinkParts, ctx: Koa.Context): Promise<void> {
  if (ctx.URL.searchParams.get('done') !== 'sent') return showAsking(parts, ctx, asking, '');
  await showLinkSent(parts, ctx, { text: 'reset.sent', path: asking.path });
}

async function open(parts: LinkParts, ctx: Koa.Context): Promise<void> {
  const opened = await readReset(parts.db, tokenOf(ctx));
  if (opened.state !== 'open') return showOver(parts, ctx, opened.state);
  await keepLanguage(parts, ctx, openReturn(parts, ctx, opened.returnTo));
  await show(parts, ctx, opened.account);
}

async function show(
  parts: LinkParts,
  ctx: Koa.Context,
  account: Account,
  error?: string,
): Promise<void> {
  const { db, formTokens, messagesOf, renderPage } = parts;
  const token = tokenOf(ctx);
  const consents = await consentsOf(db, account.id);
  const passkeys = await listPasskeys(db, account.id);
  renderPage(ctx, 'sign-in/reset', {
    title: messagesOf(ctx).text('reset.new-title'),
    isNarrow: true,
    isRefused: error !== undefined,
    email: account.email,
    isUnproven: account.emailVerifiedAt === undefined,
    applications: consents.map(({ application }) => ({
      value: application.id,
      name: application.name,
    })),
    passkeys: passkeys.map(({ id, name }) => ({ value: id, name })),
    path: `/reset/${token}`,
    token: formTokens.issue(ctx, { purpose: purposeOf(asking, token) }),
    error,
  });
}

async function send(parts: LinkParts, ctx: Koa.Context): Promise<void> {
  const fields = await readForm(ctx);
  parts.formTokens.check(ctx, { purpose: purposeOf(asking, tokenOf(ctx)) }, fields.get('token'));
  await answerOnce(parts, ctx, fields, () => take(parts, ctx, fields));
}

async function take(parts: LinkParts, ctx: Koa.Context, fields: URLSearchParams): Promise<void> {
  const t = parts.messagesOf(ctx);
  const result = await resetPassword({
    db: parts.db,
    token: tokenOf(ctx),
    password: fields.get('password') ?? '',
    ending: { applications: fields.getAll('application'), passkeys: fields.getAll('passkey') },
    locale: t.locale,
    origin: parts.originOf(ctx),
  });
  if (result.outcome !== 'reset') return refuse(parts, ctx, result);
  const { account, returnTo } = result;
  await noteDevice(parts, ctx, account, { isMailed: true });
  await goOnByLink(parts, ctx, account, { returnTo, otherwise: '/account?done=reset' });
}

function refuse(
  parts: LinkParts,
  ctx: Koa.Context,
  result: Exclude<ResetResult, { outcome: 'reset' }>,
): Promise<void> | void {
  const t = parts.messagesOf(ctx);
  if (result.outcome === 'over') return showOver(parts, ctx, result.state);
  if (result.outcome === 'refused') {
    ctx.status = 422;
    return show(parts, ctx, result.account, t.text(passwordFaults[result.why]));
  }
  ctx.status = 429;
  ctx.set('Retry-After', String(result.retryAfterSeconds));
  return show(parts, ctx, result.account, waitText(t, result.retryAfterSeconds));
}

const again = { href: '/reset', label: 'reset.again' } as const;
const signIn = { href: '/sign-in', label: 'link.sign-in' } as const;

/** What happened to a link, and the way on. */
const over = {
  used: { status: 410, what: 'reset.used', next: 'reset.used-next', ...signIn },
  replaced: { status: 410, what: 'reset.replaced', next: 'reset.replaced-next', ...again },
  expired: { status: 410, what: 'reset.expired', next: 'reset.expired-next', ...again },
  suspended: { status: 403, what: 'reset.suspended', next: 'reset.suspended-next', ...signIn },
  unknown: { status: 404, what: 'reset.unknown', next: 'reset.unknown-next', ...again },
} as const satisfies Record<Exclude<OpenedReset['state'], 'open'>, object>;

function showOver(parts: LinkParts, ctx: Koa.Context, state: keyof typeof over): void {
  showLinkOver(parts, ctx, over[state]);
}
