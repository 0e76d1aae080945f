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
import { type GivenConsent, listConsents } from '../../consent/list.ts';
import { sentenceOfConsent } from '../../consent/sentence.ts';
import { withdrawConsent } from '../../consent/withdraw.ts';
import type { Messages } from '../../lib/messages.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import { sentenceText } from '../../sentence/sentence-text.ts';
import type { Db } from '../../storage/engine/database.ts';
import { openidWords } from '../consent/consent-words.ts';
import { answerOnce } from '../page/answer-once.ts';
import { accountOfForm, accountOrSignIn, type PageParts } from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import { addressOfAccess } from './app-access-page.ts';

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
  const t = parts.messagesOf(ctx);
  const views = [];
  for (const given of consents) views.push(await toView(parts.db, t, account.id, given));
  parts.renderPage(ctx, 'applications', {
    title: t.text('applications.title'),
    account,
    isWide: true,
    consents: views,
    token: parts.formTokens.issue(ctx, { purpose, accountId: account.id }),
    isWithdrawn: ctx.URL.searchParams.get('done') === 'withdrawn',
    isSaved: ctx.URL.searchParams.get('done') === 'saved',
  });
}

async function sendWithdrawal(parts: PageParts, ctx: Koa.Context): Promise<void> {
  const fields = await readForm(ctx);
  const { account, work } = await accountOfForm(parts, ctx);
  parts.formTokens.check(ctx, { purpose, accountId: account.id }, fields.get('token'));
  const clientId = fields.get('client_id') ?? '';
  await answerOnce(parts, ctx, fields, async () => {
    await withdrawConsent(work, { accountId: account.id, clientId, origin: parts.originOf(ctx) });
    return '/account/applications?done=withdrawn';
  });
}

async function toView(db: Db, t: Messages, accountId: string, given: GivenConsent) {
  const { application, openid, resources, createdAt, expiresAt, lastUsedAt } = given;
  const sentence = await sentenceOfConsent(db, { accountId, clientId: application.id });
  const old = resources.filter(({ resting }) => resting.length > 0);
  return {
    notice: noticeOf(t, given, old.map(pathOf(t)), sentence?.powers.length === 0),
    application,
    address: addressOfAccess(application.id),
    sentence: sentence && sentenceText(sentence, application.name, t, 'now'),
    openid: openid.map((name) => t.text(openidWords[name] ?? 'consent-page.openid')),
    paths: resources.map(pathOf(t)),
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString(),
  };
}

const pathOf =
  (t: Messages) =>
  ({ path }: { readonly path: string }): string =>
    path || t.text('applications.own-account');

/** What has no effect now; undefined where nothing rests. @param old the paths of what is too old. */
function noticeOf(
  t: Messages,
  { application: { name: application }, resources }: GivenConsent,
  old: readonly string[],
  isWithoutEffect: boolean,
): string | undefined {
  if (old.length > 0) return t.text('applications.too-old', { application, names: t.list(old) });
  return isWithoutEffect && resources.length > 0
    ? t.text('applications.no-effect', { application })
    : undefined;
}
