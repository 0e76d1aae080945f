/**
 * The offer of a passkey, after a sign-in by password, for a page of ours or on the way of an application's
 * request, which `next` leads back to; once it is declined, the account is not asked again.
 *
 *   GET  /account/passkey?next=...           asks
 *   POST /account/passkey?next=...           adds one, then on to `next`
 *   POST /account/passkey/decline?next=...   remembers the "no", then on to `next`
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { addPasskey } from '../../accounts/passkeys/registration.ts';
import type { PasskeyParts } from '../../accounts/passkeys/sign-in.ts';
import { browserIdentity } from '../../lib/browser-identity.ts';
import { deviceText } from '../../lib/device-text.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import { declinePasskey } from '../../storage/people/passkeys.ts';
import { answerOnce } from '../page/answer-once.ts';
import { sayDone } from '../page/done-notice.ts';
import { type ProofParts, provenOrSignInAgain } from '../page/fresh-sign-in.ts';
import { localPath } from '../page/local-path.ts';
import {
  accountOfForm,
  accountOrSignIn,
  type PageParts,
  type Sender,
  type SignedIn,
  seeOther,
} from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import { registrationRefusals } from './passkey-texts.ts';
import { plainNext } from './ways-in.ts';

/** What the page needs beside the rest. */
export interface PasskeyOfferParts extends ProofParts {
  /** Undefined: browsers make none for this issuer. */
  readonly passkeys: PasskeyParts | undefined;
}

/** The routes of the offer. */
export function passkeyOfferRoutes(parts: PasskeyOfferParts): Router {
  return strictRouter()
    .get(page, (ctx) => open(parts, ctx))
    .post(page, (ctx) => sendAdd(parts, ctx))
    .post(`${page}/decline`, (ctx) => sendDecline(parts, ctx));
}

const page = '/account/passkey';
const purpose = 'passkey-offer';

/** Where the offer is made. @param next where it goes on to, a path of ours. */
export function passkeyOfferPath(next: string): string {
  return `${page}?next=${encodeURIComponent(next)}`;
}

function nextOf({ issuer }: PageParts, ctx: Koa.Context): string {
  return localPath(ctx.URL.searchParams.get('next'), issuer) ?? plainNext;
}

async function open(parts: PasskeyOfferParts, ctx: Koa.Context): Promise<void> {
  const signedIn = await accountOrSignIn(parts, ctx);
  if (signedIn === undefined) return;
  const next = nextOf(parts, ctx);
  if (parts.passkeys === undefined) return seeOther(ctx, next);
  if (!(await provenOrSignInAgain(parts, ctx, signedIn, passkeyOfferPath(next)))) return;
  show(parts, ctx, signedIn);
}

function show(
  parts: PasskeyOfferParts,
  ctx: Koa.Context,
  { account }: SignedIn,
  error?: string,
): void {
  const query = `?next=${encodeURIComponent(nextOf(parts, ctx))}`;
  parts.renderPage(ctx, 'account/passkey-offer', {
    title: parts.messagesOf(ctx).text('passkey-offer.title'),
    isNarrow: true,
    isRefused: error !== undefined,
    account,
    action: page + query,
    decline: `${page}/decline${query}`,
    token: parts.formTokens.issue(ctx, { purpose, accountId: account.id }),
    error,
  });
}

async function sendAdd(parts: PasskeyOfferParts, ctx: Koa.Context): Promise<void> {
  const { sender, fields } = await take(parts, ctx);
  const next = nextOf(parts, ctx);
  const { passkeys } = parts;
  if (passkeys === undefined) return seeOther(ctx, next);
  if (!(await provenOrSignInAgain(parts, ctx, sender, passkeyOfferPath(next)))) return;
  await answerOnce(parts, ctx, fields, async () => {
    const t = parts.messagesOf(ctx);
    const why = await addPasskey({
      ...passkeys,
      work: sender.work,
      accountId: sender.account.id,
      browserId: browserIdentity(parts.issuer).ensure(ctx),
      response: fields.get('credential') ?? '',
      name: deviceText(t, ctx.get('User-Agent')),
      origin: parts.originOf(ctx),
    });
    if (why === undefined) {
      sayDone(parts, ctx, 'passkey');
      return seeOther(ctx, next);
    }
    ctx.status = 422;
    const { host } = new URL(parts.issuer);
    show(parts, ctx, sender, t.text(registrationRefusals[why], { host }));
  });
}

async function sendDecline(parts: PasskeyOfferParts, ctx: Koa.Context): Promise<void> {
  const { sender, fields } = await take(parts, ctx);
  await answerOnce(parts, ctx, fields, async () => {
    await sender.work.run((tx) => declinePasskey(tx, sender.account.id));
    return nextOf(parts, ctx);
  });
}

async function take(
  parts: PasskeyOfferParts,
  ctx: Koa.Context,
): Promise<{ readonly sender: Sender; readonly fields: URLSearchParams }> {
  const fields = await readForm(ctx);
  const sender = await accountOfForm(parts, ctx);
  parts.formTokens.check(ctx, { purpose, accountId: sender.account.id }, fields.get('token'));
  return { sender, fields };
}
