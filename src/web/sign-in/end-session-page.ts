/**
 * Signing out because an application asks for it.
 *
 *   GET  /oauth/end-session       asks; where nobody is signed in, goes on at once
 *   POST /oauth/end-session       303 to the same request as GET: our cookies do not come with it
 *   POST /sign-out/application    ends the session, then on to the application
 *
 * It always asks: anybody can make a link here. The request is judged again when the form comes, so
 * that nothing of it is believed from the form. Whoever sends the form twice gets the first answer.
 *
 * Source: OpenID Connect RP-Initiated Logout 1.0; RFC 9700 section 4.11.2 (no open redirection).
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { parseId, printId } from '../../lib/ids.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import { sendOnAsGet } from '../../provider/authorization-methods.ts';
import type { LogoutRequest, LogoutRequests } from '../../provider/logout-requests.ts';
import { isStranger } from '../../storage/clients/clients.ts';
import { answerOnce } from '../page/answer-once.ts';
import { PageError } from '../page/page-error.ts';
import { currentAccount, type SignedIn, seeOther } from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import { renderReturn } from './return-page.ts';
import {
  renderSignedOut,
  type UpstreamSignOutParts,
  upstreamSignOut,
} from './upstream-sign-out.ts';

/** What the page needs beside the rest. */
export interface EndSessionParts extends UpstreamSignOutParts {
  readonly logoutRequests: LogoutRequests;
}

/** The routes of the page. */
export function endSessionRoutes(parts: EndSessionParts): Router {
  return strictRouter()
    .get('/oauth/end-session', (ctx) => open(parts, ctx))
    .post('/oauth/end-session', sendOn)
    .post('/sign-out/application', (ctx) => send(parts, ctx));
}

async function open(parts: EndSessionParts, ctx: Koa.Context): Promise<void> {
  const request = await read(parts, ctx, ctx.URL.searchParams);
  const signedIn = await currentAccount(parts, ctx);
  if (signedIn === undefined) return goOn(parts, ctx, request, { isForm: false });
  const { account } = signedIn;
  const t = parts.messagesOf(ctx);
  parts.renderPage(ctx, 'end-session', {
    title: t.text('end-session.title'),
    account,
    application: request.client?.name,
    isForOther: request.hinted !== undefined && request.hinted !== account.id,
    token: parts.formTokens.issue(ctx, { purpose, accountId: account.id }),
    hidden: Object.fromEntries(
      [
        ['client_id', request.client?.id],
        ['post_logout_redirect_uri', request.redirectUri],
        ['state', request.state],
        ['account', printId('user', account.id)],
      ].filter(([, value]) => value !== undefined),
    ),
  });
}

async function sendOn(ctx: Koa.Context): Promise<void> {
  const refusal = await sendOnAsGet(ctx);
  if (refusal !== undefined) throw refused(refusal.status, refusal.description);
}

async function send(parts: EndSessionParts, ctx: Koa.Context): Promise<void> {
  const fields = await readForm(ctx);
  const accountId = parseId('user', fields.get('account') ?? '');
  parts.formTokens.check(ctx, { purpose, accountId }, fields.get('token'));
  const request = await read(parts, ctx, fields);
  const signOut = async () => {
    const signedIn = await currentAccount(parts, ctx);
    if (signedIn !== undefined && signedIn.account.id !== accountId) throw otherAccount();
    const elsewhere = signedIn && (await end(parts, ctx, request, signedIn));
    if (elsewhere !== undefined) return elsewhere;
    return goOn(parts, ctx, request, { isForm: true, accountId }); // of a second submit, too
  };
  await answerOnce(parts, ctx, fields, signOut, (_, address) => renderReturn(parts, ctx, address));
}

/** @returns where to sign out as well. */
async function end(
  parts: EndSessionParts,
  ctx: Koa.Context,
  { client, returnTo }: LogoutRequest,
  { account, sessionUid }: SignedIn,
): Promise<string | undefined> {
  const isUnknown = await isStranger(parts.db, client?.id ?? '', account.id);
  const elsewhere = await upstreamSignOut(parts, ctx, sessionUid, { returnTo, isUnknown });
  await parts.sessions.signOut(ctx);
  return elsewhere;
}

const purpose = 'end-session';

async function read(
  { logoutRequests }: EndSessionParts,
  ctx: Koa.Context,
  parameters: URLSearchParams,
): Promise<LogoutRequest> {
  ctx.set('Cache-Control', 'no-store');
  const request = await logoutRequests.read(parameters);
  if ('reason' in request) throw refused(400, request.reason);
  return request;
}

/** Who was signed out, and whether a form of ours led here (form-chains.ts). */
interface Way {
  readonly isForm: boolean;
  readonly accountId?: string | undefined;
}

/** Nobody is sent to an address by itself that nobody here vouches for: a link leads there. */
async function goOn(
  parts: EndSessionParts,
  ctx: Koa.Context,
  { client, returnTo }: LogoutRequest,
  { isForm, accountId }: Way,
): Promise<void> {
  const isUnknown = await isStranger(parts.db, client?.id ?? '', accountId);
  if (returnTo === undefined || isUnknown) return renderSignedOut(parts, ctx, returnTo);
  if (!isForm) return seeOther(ctx, returnTo);
  renderReturn(parts, ctx, returnTo);
}

function refused(status: number, reason: string): PageError {
  return new PageError(status, {
    what: 'end-session.refused',
    next: 'end-session.refused-next',
    values: { reason },
  });
}

function otherAccount(): PageError {
  return new PageError(403, {
    what: 'end-session.changed',
    next: 'end-session.changed-next',
  });
}
