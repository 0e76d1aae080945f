/**
 * What the signed-in person allowed to which application, and removing it.
 *
 *   GET  /account/applications            the list
 *   POST /account/applications/withdraw   ends one application's access, at once and everywhere
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import type { Level } from '../../catalogue/scope-rule.ts';
import type { Scope } from '../../catalogue/scopes.ts';
import { scopeWords } from '../../catalogue/words.ts';
import { type ConsentedResource, type GivenConsent, listConsents } from '../../consent/list.ts';
import { withdrawConsent } from '../../consent/withdraw.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import { openidWords } from '../consent/consent-words.ts';
import { accountOfForm, accountOrSignIn, type PageParts, seeOther } from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';

/** The routes of `/account/applications`. */
export function applicationsRoutes(parts: PageParts): Router {
  return strictRouter()
    .get('/account/applications', (ctx) => openList(parts, ctx))
    .post('/account/applications/withdraw', (ctx) => sendWithdrawal(parts, ctx));
}

const purpose = 'applications';

async function openList(parts: PageParts, ctx: Koa.Context): Promise<void> {
  const signedIn = await accountOrSignIn(parts, ctx);
  if (signedIn === undefined) return;
  const { account } = signedIn;
  const consents = await listConsents(parts.db, account.id);
  parts.renderPage(ctx, 'applications', {
    title: parts.messagesOf(ctx).text('applications.title'),
    account,
    isWide: true,
    consents: consents.map(toView),
    token: parts.formTokens.issue(ctx, { purpose, accountId: account.id }),
    isWithdrawn: ctx.URL.searchParams.get('done') === 'withdrawn',
  });
}

async function sendWithdrawal(parts: PageParts, ctx: Koa.Context): Promise<void> {
  const fields = await readForm(ctx);
  const { account, db } = await accountOfForm(parts, ctx);
  parts.formTokens.check(ctx, { purpose, accountId: account.id }, fields.get('token'));
  await withdrawConsent(db, {
    accountId: account.id,
    clientId: fields.get('client_id') ?? '',
    origin: parts.originOf(ctx),
  });
  seeOther(ctx, '/account/applications?done=withdrawn');
}

/** What a resource is, by message key. */
const kinds: Readonly<Record<Level, string>> = {
  user: 'applications.kind-user',
  organization: 'applications.kind-organization',
  database: 'applications.kind-database',
  branch: 'applications.kind-branch',
};

function toView({ application, openid, resources, createdAt, lastUsedAt }: GivenConsent) {
  return {
    application,
    openid: openid.map((name) => openidWords[name] ?? name),
    resources: resources.map(toResourceView),
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString(),
  };
}

function toResourceView({ level, path, scopes }: ConsentedResource) {
  return { kind: kinds[level], path, scopes: scopes.map(toScopeView) };
}

function toScopeView(scope: Scope) {
  return { scope: scope.scope, words: scopeWords(scope) };
}
