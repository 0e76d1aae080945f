/**
 * Another name, and another address.
 *
 *   GET  /account/name           the form
 *   POST /account/name           changes the name
 *   GET  /account/email          the form, after a sign-in of just now
 *   POST /account/email          sends a link to the new address
 *   GET  /account/email/:token   asks whoever is signed in; changes nothing
 *   POST /account/email/:token   changes the address; works once
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import {
  askForAddress,
  changeName,
  readAddressLink,
  takeAddress,
} from '../../accounts/change-profile.ts';
import { sha256 } from '../../lib/secrets.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import type { AccountLink } from '../../storage/people/account-links.ts';
import { answerOnce } from '../page/answer-once.ts';
import { emailFault } from '../page/email-fault.ts';
import { type ProofParts, provenOrSignInAgain } from '../page/fresh-sign-in.ts';
import {
  accountOfForm,
  accountOrSignIn,
  currentAccount,
  type PageParts,
  type SignedIn,
  seeOther,
} from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import type { KnownDevices } from '../sign-in/known-devices.ts';
import { showLinkOver, tokenOf } from '../sign-in/link-pages.ts';
import { waitText } from '../sign-in/password-texts.ts';

/** What the pages need beside the rest. */
interface ProfileParts extends ProofParts {
  readonly knownDevices: KnownDevices;
}

/** The routes of name and address. */
export function profileRoutes(parts: ProfileParts): Router {
  return strictRouter()
    .get('/account/name', (ctx) => openName(parts, ctx))
    .post('/account/name', (ctx) => sendName(parts, ctx))
    .get('/account/email', (ctx) => openEmail(parts, ctx))
    .post('/account/email', (ctx) => sendEmail(parts, ctx))
    .get('/account/email/:token', (ctx) => openLink(parts, ctx))
    .post('/account/email/:token', (ctx) => sendLink(parts, ctx));
}

const purpose = 'profile';

async function openName(parts: PageParts, ctx: Koa.Context): Promise<void> {
  const signedIn = await accountOrSignIn(parts, ctx);
  if (signedIn) showForm(parts, ctx, { ...signedIn, view: 'name', typed: signedIn.account.name });
}

interface Form extends SignedIn {
  readonly view: 'name' | 'email';
  readonly typed: string;
  readonly error?: string;
}

function showForm(
  { formTokens, messagesOf, renderPage }: PageParts,
  ctx: Koa.Context,
  { account, view, typed, error }: Form,
): void {
  const t = messagesOf(ctx);
  renderPage(ctx, `account/${view}`, {
    title: view === 'name' ? t.text('profile.name-title') : t.text('profile.email-title'),
    isNarrow: true,
    isRefused: error !== undefined,
    account,
    isProven: account.emailVerifiedAt !== undefined,
    typed,
    error,
    token: formTokens.issue(ctx, { purpose, accountId: account.id }),
  });
}

async function sendName(parts: PageParts, ctx: Koa.Context): Promise<void> {
  const fields = await readForm(ctx);
  const sender = await senderOf(parts, ctx, fields, purpose);
  const typed = fields.get('name') ?? '';
  if (await changeName({ ...sender, origin: parts.originOf(ctx) }, typed))
    return seeOther(ctx, '/account?done=name');
  ctx.status = 422;
  const error = parts.messagesOf(ctx).text('join.name-fault');
  showForm(parts, ctx, { ...sender, view: 'name', typed, error });
}

async function senderOf(
  parts: PageParts,
  ctx: Koa.Context,
  fields: URLSearchParams,
  formPurpose: string,
) {
  const sender = await accountOfForm(parts, ctx);
  const binding = { purpose: formPurpose, accountId: sender.account.id };
  parts.formTokens.check(ctx, binding, fields.get('token'));
  return sender;
}

async function openEmail(parts: ProfileParts, ctx: Koa.Context): Promise<void> {
  const signedIn = await accountOrSignIn(parts, ctx);
  if (signedIn === undefined) return;
  if (!(await provenOrSignInAgain(parts, ctx, signedIn, ctx.url))) return;
  const isProven = signedIn.account.emailVerifiedAt !== undefined;
  const sentTo = ctx.URL.searchParams.get('done') === 'sent';
  if (sentTo) return showSent(parts, ctx, signedIn);
  showForm(parts, ctx, {
    ...signedIn,
    view: 'email',
    typed: isProven ? '' : signedIn.account.email,
  });
}

function showSent({ messagesOf, renderPage }: PageParts, ctx: Koa.Context, { account }: SignedIn) {
  const t = messagesOf(ctx);
  const text = t.text('profile.email-sent');
  renderPage(ctx, 'sign-in/link-sent', {
    title: t.text('link.sent'),
    isNarrow: true,
    account,
    text,
    again: '/account/email',
  });
}

async function sendEmail(parts: ProfileParts, ctx: Koa.Context): Promise<void> {
  const fields = await readForm(ctx);
  const sender = await senderOf(parts, ctx, fields, purpose);
  if (!(await provenOrSignInAgain(parts, ctx, sender, '/account/email'))) return;
  await answerOnce(parts, ctx, fields, async () => {
    const t = parts.messagesOf(ctx);
    const typed = fields.get('email')?.trim() ?? '';
    const self = { ...sender, origin: parts.originOf(ctx) };
    const result = await askForAddress(self, typed, t.locale);
    if (result.outcome === 'asked') return seeOther(ctx, '/account/email?done=sent');
    if (result.outcome === 'throttled') {
      ctx.status = 429;
      ctx.set('Retry-After', String(result.retryAfterSeconds));
      const error = waitText(t, result.retryAfterSeconds);
      return showForm(parts, ctx, { ...sender, view: 'email', typed, error });
    }
    ctx.status = 422;
    const error =
      result.why === 'same'
        ? t.text('profile.email-same')
        : emailFault(t, typed, 'profile.email-fault');
    showForm(parts, ctx, { ...sender, view: 'email', typed, error });
  });
}

async function openLink(parts: PageParts, ctx: Koa.Context): Promise<void> {
  const link = await readAddressLink(parts.db, tokenOf(ctx));
  if (link?.state !== 'open') return showOver(parts, ctx, link?.state ?? 'unknown');
  showLink(parts, ctx, link, await currentAccount(parts, ctx));
}

function showLink(
  { formTokens, messagesOf, renderPage }: PageParts,
  ctx: Koa.Context,
  { accountId, email }: AccountLink,
  signedIn: SignedIn | undefined,
): void {
  const account = signedIn?.account;
  const path = `/account/email/${tokenOf(ctx)}`;
  renderPage(ctx, 'account/confirm-email', {
    title: messagesOf(ctx).text('profile.confirm-title'),
    isNarrow: true,
    account,
    email,
    step:
      account === undefined ? 'sign-in' : account.id === accountId ? 'confirm' : 'other-account',
    isChange: account?.email !== email,
    path,
    signInPath: `/sign-in?next=${encodeURIComponent(path)}`,
    token: formTokens.issue(ctx, { purpose: purposeOf(ctx), accountId: account?.id }),
  });
}

async function sendLink(parts: ProfileParts, ctx: Koa.Context): Promise<void> {
  const fields = await readForm(ctx);
  const sender = await senderOf(parts, ctx, fields, purposeOf(ctx));
  await answerOnce(parts, ctx, fields, async () => {
    const { locale } = parts.messagesOf(ctx);
    const self = { ...sender, origin: parts.originOf(ctx) };
    const outcome = await takeAddress(self, tokenOf(ctx), locale);
    if (outcome.outcome === 'changed') {
      parts.knownDevices.remember(ctx, outcome.email); // by the address that is typed from now on
      return seeOther(ctx, '/account?done=email');
    }
    if (outcome.outcome === 'taken') return showOver(parts, ctx, 'taken');
    const link = await readAddressLink(parts.db, tokenOf(ctx));
    showOver(parts, ctx, link === undefined || link.state === 'open' ? 'unknown' : link.state);
  });
}

const again = { href: '/account/email', label: 'profile.email-again' } as const;
const back = { href: '/account', label: 'profile.account' } as const;

/** What happened to a link, and the way on. */
const over = {
  used: { status: 410, what: 'profile.used', next: 'profile.used-next', ...back },
  replaced: { status: 410, what: 'profile.replaced', next: 'profile.replaced-next', ...again },
  expired: { status: 410, what: 'profile.expired', next: 'profile.expired-next', ...again },
  suspended: { status: 403, what: 'reset.suspended', next: 'reset.suspended-next', ...back },
  taken: { status: 409, what: 'profile.taken', next: 'profile.taken-next', ...again },
  unknown: { status: 404, what: 'profile.unknown', next: 'profile.unknown-next', ...again },
} as const;

function showOver(parts: PageParts, ctx: Koa.Context, state: keyof typeof over): void {
  showLinkOver(parts, ctx, over[state]);
}

/** A form serves one link. */
function purposeOf(ctx: Koa.Context): string {
  return `address:${sha256(tokenOf(ctx)).toString('base64url')}`;
}
