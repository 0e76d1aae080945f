/**
 * Where the account is signed in.
 *
 *   GET  /account/sessions          each session: device, first and last use, address
 *   POST /account/sessions/end      ends one
 *   POST /account/sessions/others   ends all but this one
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { endOtherSessions } from '../../accounts/end-other-sessions.ts';
import { endSession } from '../../accounts/end-session.ts';
import { deviceText } from '../../lib/device-text.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import { listUsedSessions } from '../../storage/people/session-devices.ts';
import { answerOnce } from '../page/answer-once.ts';
import {
  accountOfForm,
  accountOrSignIn,
  type PageParts,
  type Sender,
  seeOther,
} from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';

/** The routes of `/account/sessions`, without the form of the account's first page. */
export function sessionsRoutes(parts: PageParts): Router {
  return strictRouter()
    .get(page, (ctx) => open(parts, ctx))
    .post(`${page}/end`, (ctx) => sendEnd(parts, ctx))
    .post(`${page}/others`, (ctx) => sendOthers(parts, ctx));
}

const page = '/account/sessions';
const purpose = 'sessions';

/** The message after a form, by key; the address names it, so it is one of these. */
const done: Readonly<Record<string, string>> = {
  ended: 'sessions-page.done-ended',
  others: 'sessions-page.done-others',
};

async function open(parts: PageParts, ctx: Koa.Context): Promise<void> {
  const signedIn = await accountOrSignIn(parts, ctx);
  if (signedIn === undefined) return;
  const { account, sessionUid } = signedIn;
  const t = parts.messagesOf(ctx);
  const sessions = await listUsedSessions(parts.db, account.id);
  const doneKey = done[ctx.URL.searchParams.get('done') ?? ''];
  parts.renderPage(ctx, 'account/sessions', {
    title: t.text('sessions-page.title'),
    account,
    sessions: sessions.map(({ uid, userAgent, address, createdAt, lastUsedAt }) => ({
      uid,
      device: deviceText(t, userAgent),
      address,
      createdAt: createdAt.toISOString(),
      lastUsedAt: lastUsedAt.toISOString(),
      isThis: uid === sessionUid,
    })),
    token: parts.formTokens.issue(ctx, { purpose, accountId: account.id }),
    done: doneKey && t.text(doneKey),
  });
}

/** One that has ended meanwhile is what was wanted. */
async function sendEnd(parts: PageParts, ctx: Koa.Context): Promise<void> {
  const { sender, fields } = await take(parts, ctx);
  const uid = fields.get('session') ?? '';
  if (uid === sender.sessionUid) return seeOther(ctx, '/sign-out');
  await answerOnce(parts, ctx, fields, async () => {
    const { id: accountId } = sender.account;
    await endSession(sender.work, { accountId, uid, origin: parts.originOf(ctx) });
    return `${page}?done=ended`;
  });
}

async function sendOthers(parts: PageParts, ctx: Koa.Context): Promise<void> {
  const { sender, fields } = await take(parts, ctx);
  await answerOnce(parts, ctx, fields, async () => {
    const { id: accountId } = sender.account;
    const origin = parts.originOf(ctx);
    await endOtherSessions(sender.work, { accountId, keptSessionUid: sender.sessionUid, origin });
    return `${page}?done=others`;
  });
}

async function take(
  parts: PageParts,
  ctx: Koa.Context,
): Promise<{ readonly sender: Sender; readonly fields: URLSearchParams }> {
  const fields = await readForm(ctx);
  const sender = await accountOfForm(parts, ctx);
  parts.formTokens.check(ctx, { purpose, accountId: sender.account.id }, fields.get('token'));
  return { sender, fields };
}
