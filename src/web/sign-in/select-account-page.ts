/**
 * Choosing an account on the way of an authorization request (`prompt=select_account`): the one that is
 * signed in, or another, for which the sign-in form follows.
 *
 *   GET  /interaction/:uid/account   shows the account
 *   POST /interaction/:uid/account   goes on with it, or answers the application "no"
 *
 * Source: OpenID Connect Core section 3.1.2.1 (`select_account`).
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { strictRouter } from '../../lib/strict-router.ts';
import type { AuthorizationRequest, Interactions } from '../../provider/interactions.ts';
import { findApplication } from '../../storage/clients/client-list.ts';
import { type Account, findAccount } from '../../storage/people/accounts.ts';
import { type PageParts, seeOther } from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';

/** What the page needs beside the rest. */
export interface SelectAccountParts extends PageParts {
  readonly interactions: Interactions;
}

/** A request that waits for the choice, and the account that is signed in. */
interface Waiting {
  readonly request: AuthorizationRequest;
  readonly account: Account;
}

/** The routes of the page. */
export function selectAccountRoutes(parts: SelectAccountParts): Router {
  return strictRouter()
    .get('/interaction/:uid/account', (ctx) => show(parts, ctx))
    .post('/interaction/:uid/account', (ctx) => take(parts, ctx));
}

async function show(parts: SelectAccountParts, ctx: Koa.Context): Promise<void> {
  const waiting = await waitingFor(parts, ctx);
  if (waiting === undefined) return;
  const { request, account } = waiting;
  parts.renderPage(ctx, 'select-account', {
    title: parts.messagesOf(ctx).text('select-account.title'),
    application: await findApplication(parts.db, request.clientId, account.id),
    account,
    action: `/interaction/${request.uid}/account`,
    another: `/interaction/${request.uid}/sign-in`,
    token: parts.formTokens.issue(ctx, bindingOf(waiting)),
  });
}

async function take(parts: SelectAccountParts, ctx: Koa.Context): Promise<void> {
  const fields = await readForm(ctx);
  const answered = await parts.interactions.answered(ctx);
  if (answered !== undefined) return seeOther(ctx, answered); // a second submit
  const waiting = await waitingFor(parts, ctx);
  if (waiting === undefined) return;
  parts.formTokens.check(ctx, bindingOf(waiting), fields.get('token'));
  const isCancelled = fields.get('action') === 'cancel';
  const next = isCancelled
    ? parts.interactions.refused(ctx, 'The user did not choose an account.')
    : parts.interactions.selected(ctx);
  seeOther(ctx, await next);
}

/** @returns undefined when the request waits for something else, and the answer is made. */
async function waitingFor(
  { db, interactions }: SelectAccountParts,
  ctx: Koa.Context,
): Promise<Waiting | undefined> {
  const request = await interactions.read(ctx);
  const { accountId } = request ?? {};
  const account = accountId === undefined ? undefined : await findAccount(db, accountId);
  if (request?.prompt === 'select_account' && account?.status === 'active')
    return { request, account };
  // The step that is due, or the page that says that the request is over.
  const uid = ctx.path.split('/')[2] ?? '';
  seeOther(ctx, `/interaction/${uid}${request?.prompt === 'select_account' ? '/sign-in' : ''}`);
  return undefined;
}

function bindingOf({ request, account }: Waiting) {
  return { purpose: `select-account:${request.uid}`, accountId: account.id };
}
