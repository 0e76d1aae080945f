/**
 * The page behind a one-time link with which a person sets their password or adds a passkey.
 *
 *   GET  /set-up/:token                   the forms, or what became of the link; changes nothing
 *   POST /set-up/:token                   sets the password and signs in; works once
 *   GET  /set-up/:token/passkey/options   what the page's script asks the browser to make
 *   POST /set-up/:token/passkey           adds the passkey and signs in; works once
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { type Authentication, byPasskey, byPassword } from '../../accounts/authentication.ts';
import type { StepOf } from '../../accounts/first-steps.ts';
import {
  type RegistrationRefusal,
  registrationOptions,
} from '../../accounts/passkeys/registration.ts';
import type { PasskeyParts } from '../../accounts/passkeys/sign-in.ts';
import { readSetUpLink, type SetUpResult, setUp, setUpPasskey } from '../../accounts/set-up.ts';
import { browserIdentity } from '../../lib/browser-identity.ts';
import { deviceText } from '../../lib/device-text.ts';
import { sha256 } from '../../lib/secrets.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import type { SetUpLink } from '../../storage/people/set-up-links.ts';
import { answerOnce } from '../page/answer-once.ts';
import { currentAccount, type PageParts, type SignedIn, seeOther } from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import { tokenOf } from './link-pages.ts';
import { type DeviceParts, noteDevice } from './note-device.ts';
import { registrationRefusals } from './passkey-texts.ts';
import { passwordFaults, waitText } from './password-texts.ts';

/** What the page needs beside the rest. */
export interface SetUpParts extends PageParts, DeviceParts {
  /** Undefined: browsers make none for this issuer. */
  readonly passkeys: PasskeyParts | undefined;
  /** Where whoever sets up the installation goes on. */
  readonly stepOf: StepOf;
}

/** The routes of set-up links. */
export function setUpRoutes(parts: SetUpParts): Router {
  const page = '/set-up/:token';
  return strictRouter()
    .get(page, (ctx) => open(parts, ctx))
    .post(page, (ctx) => send(parts, ctx, takePassword))
    .get(`${page}/passkey/options`, (ctx) => sendOptions(parts, ctx))
    .post(`${page}/passkey`, (ctx) => send(parts, ctx, takePasskey));
}

async function open(parts: SetUpParts, ctx: Koa.Context): Promise<void> {
  const link = await readSetUpLink(parts.db, tokenOf(ctx));
  if (link?.state !== 'open') return showOver(parts, ctx, link?.state ?? 'unknown');
  showForm(parts, ctx, { link, signedIn: await currentAccount(parts, ctx) });
}

/** Whose link it is, and who sits at the browser. */
interface Visit {
  readonly link: SetUpLink;
  readonly signedIn: SignedIn | undefined;
}

/** What was wrong, of the whole page or of the password. */
interface Shown {
  readonly notice?: string;
  readonly error?: string;
}

function showForm(
  { formTokens, messagesOf, passkeys, renderPage }: SetUpParts,
  ctx: Koa.Context,
  { link: { email, hasPassword, accountId }, signedIn }: Visit,
  { notice, error }: Shown = {},
): void {
  const account = signedIn?.account;
  const token = tokenOf(ctx);
  renderPage(ctx, 'set-up', {
    title: messagesOf(ctx).text('set-up.title'),
    isNarrow: true,
    isRefused: notice !== undefined || error !== undefined,
    account,
    isForOther: account !== undefined && account.id !== accountId,
    email,
    hasPassword,
    hasPasskeys: passkeys !== undefined,
    path: `/set-up/${token}`,
    token: formTokens.issue(ctx, { purpose: purposeOf(token) }),
    notice,
    error,
  });
}

/** For the page's script, which shows the page anew when it is refused. */
async function sendOptions(parts: SetUpParts, ctx: Koa.Context): Promise<void> {
  const { db, issuer, passkeys } = parts;
  if (passkeys === undefined) return; // not found
  const link = await readSetUpLink(db, tokenOf(ctx));
  ctx.set('Cache-Control', 'no-store');
  ctx.status = 403;
  ctx.body = {};
  if (link?.state !== 'open') return;
  const browserId = browserIdentity(issuer).ensure(ctx);
  ctx.status = 200;
  const { accountId: id, email, name } = link;
  ctx.body = await registrationOptions(passkeys, db, { account: { id, email, name }, browserId });
}

/** A form that was sent from the page of a link that is open. */
interface Sent extends Visit {
  readonly parts: SetUpParts;
  readonly ctx: Koa.Context;
  readonly fields: URLSearchParams;
}

async function send(
  parts: SetUpParts,
  ctx: Koa.Context,
  work: (sent: Sent) => Promise<void>,
): Promise<void> {
  const fields = await readForm(ctx);
  parts.formTokens.check(ctx, { purpose: purposeOf(tokenOf(ctx)) }, fields.get('token'));
  await answerOnce(parts, ctx, fields, async () => {
    const link = await readSetUpLink(parts.db, tokenOf(ctx));
    if (link?.state !== 'open') return showOver(parts, ctx, link?.state ?? 'unknown');
    const signedIn = await currentAccount(parts, ctx);
    if (signedIn === undefined || signedIn.account.id === link.accountId)
      return work({ parts, ctx, fields, link, signedIn });
    ctx.status = 409;
    showForm(parts, ctx, { link, signedIn });
  });
}

async function takePassword(sent: Sent): Promise<void> {
  const { parts, ctx, fields } = sent;
  const password = fields.get('password') ?? '';
  const attempt = { db: parts.db, token: tokenOf(ctx), password, origin: parts.originOf(ctx) };
  const t = parts.messagesOf(ctx);
  await answer(sent, await setUp(attempt), {
    authentication: byPassword,
    next: '/account?done=set-up',
    shownOf: (why) => ({ error: t.text(passwordFaults[why]) }),
  });
}

async function takePasskey(sent: Sent): Promise<void> {
  const { parts, ctx, fields } = sent;
  const { db, issuer, passkeys } = parts;
  if (passkeys === undefined) return; // not found
  const t = parts.messagesOf(ctx);
  const result = await setUpPasskey({
    ...passkeys,
    db,
    token: tokenOf(ctx),
    browserId: browserIdentity(issuer).ensure(ctx),
    response: fields.get('credential') ?? '',
    name: deviceText(t, ctx.get('User-Agent')),
    origin: parts.originOf(ctx),
  });
  await answer<RegistrationRefusal>(sent, result, {
    authentication: byPasskey,
    next: '/account/security?done=added',
    shownOf: (why) => ({
      notice: t.text(registrationRefusals[why], { host: new URL(issuer).host }),
    }),
  });
}

interface Answers<Why> {
  readonly authentication: Authentication;
  /** Where it leads once it is done. */
  readonly next: string;
  shownOf(why: Why): Shown;
}

async function answer<Why>(
  { parts, ctx, ...visit }: Sent,
  result: SetUpResult<Why>,
  { authentication, next, shownOf }: Answers<Why>,
): Promise<void> {
  if (result.outcome === 'set') {
    const { email } = visit.link;
    await noteDevice(parts, ctx, { ...result.account, email }, { isMailed: true });
    await parts.sessions.signIn(ctx, result.account, authentication);
    seeOther(ctx, (await parts.stepOf(result.account.id)) ?? next);
  } else if (result.outcome === 'over') {
    await showOver(parts, ctx, result.state);
  } else if (result.outcome === 'refused') {
    ctx.status = 422;
    showForm(parts, ctx, visit, shownOf(result.why));
  } else {
    const { retryAfterSeconds } = result;
    ctx.status = 429;
    ctx.set('Retry-After', String(retryAfterSeconds));
    showForm(parts, ctx, visit, { notice: waitText(parts.messagesOf(ctx), retryAfterSeconds) });
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

async function showOver(
  parts: SetUpParts,
  ctx: Koa.Context,
  state: keyof typeof over,
): Promise<void> {
  const { messagesOf, renderPage } = parts;
  const t = messagesOf(ctx);
  const { status, what, next, canSignIn } = over[state];
  const account = (await currentAccount(parts, ctx))?.account;
  ctx.status = status;
  const texts = { what: t.text(what), next: t.text(next) };
  renderPage(ctx, 'set-up-over', {
    title: t.text('set-up.over'),
    isNarrow: true,
    account,
    ...texts,
    canSignIn: canSignIn && account === undefined,
  });
}

/** A form serves one link. */
function purposeOf(token: string): string {
  return `set-up:${sha256(token).toString('base64url')}`;
}
