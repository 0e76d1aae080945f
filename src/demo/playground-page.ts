/**
 * What a token may do, resource by resource, and what happens when it is used.
 *
 *   GET  /demo/playground   asks Usher about every resource, and marks what changed
 *   POST /demo/try          asks the platform to act, and shows the conversation
 *   POST /demo/refresh      a new pair of tokens
 *   POST /demo/revoke       ends the grant
 *   POST /demo/role         changes a role of the signed-in person, see role-changes.ts
 *
 * @module
 */

import type Koa from 'koa';
import type { ResourceServer } from '../resource-server/resource-server.ts';
import { currentAccount, seeOther } from '../web/page/page-parts.ts';
import { askEverywhere, packAnswers, unpackAnswers } from './answers.ts';
import { abbreviated, type DemoParts, formToken, type Held, takeForm } from './demo-parts.ts';
import type { PlatformAnswer } from './platform.ts';
import { describeResources, type ShownResources } from './playground-view.ts';
import { isChange, makeChange } from './role-changes.ts';
import { describeStages, stagesOf } from './stages.ts';
import { refusalOf } from './usher-by-http.ts';

/** Messages after a form was read; the address names one. */
const done: Readonly<Record<string, string>> = {
  changed: 'playground.done-changed',
  same: 'playground.done-same',
  refreshed: 'playground.done-refreshed',
  revoked: 'playground.done-revoked',
  refused: 'playground.done-refused',
};

/** `GET /demo/playground`; without a token it has the roles alone. */
export async function showPlayground(parts: DemoParts, ctx: Koa.Context): Promise<void> {
  const held = parts.held.read(ctx);
  const signedIn = await currentAccount(parts, ctx);
  const t = parts.messagesOf(ctx);
  const message = done[ctx.URL.searchParams.get('done') ?? ''];
  parts.renderPage(ctx, 'demo-playground', {
    title: t.text('playground.title'),
    isWide: true,
    account: signedIn?.account,
    token: formToken(parts, ctx),
    done: message && t.text(message),
    held: held && (await describeToken(parts, held)),
    stages: signedIn && (await describeStages(parts.db, t, signedIn.account)),
  });
}

async function describeToken({ inspect, resourceServer }: DemoParts, held: Held) {
  const { accessToken, refreshToken, was } = held;
  const whole = await inspect(accessToken);
  return {
    accessToken: abbreviated(accessToken),
    hasRefreshToken: refreshToken !== undefined,
    user: whole.username,
    expiresAt: whole.exp === undefined ? undefined : new Date(whole.exp * 1000).toISOString(),
    isActive: whole.active,
    isCompared: was !== undefined && unpackAnswers(was) !== undefined,
    whole: JSON.stringify(whole, null, 2),
    resources: whole.active ? await resourcesOf(resourceServer, accessToken, was) : noResources,
  };
}

const noResources: ShownResources = { tree: [], changed: [] };

async function resourcesOf(
  resourceServer: ResourceServer,
  accessToken: string,
  was: string | undefined,
): Promise<ShownResources> {
  const now = await askEverywhere(resourceServer, accessToken);
  return describeResources(now, was === undefined ? undefined : unpackAnswers(was));
}

/** `POST /demo/try` */
export async function tryAction(parts: DemoParts, ctx: Koa.Context): Promise<void> {
  const fields = await takeForm(parts, ctx);
  const held = parts.held.read(ctx);
  if (held === undefined) return seeOther(ctx, '/demo');
  const action = fields.get('action') ?? '';
  const path = encodeURI(fields.get('resource') ?? '');
  const response = await fetch(`${parts.issuer}/demo/api/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${held.accessToken}`, accept: 'application/json' },
    body: new URLSearchParams({ action }),
    signal: AbortSignal.timeout(20_000),
  });
  const { heard, ...answer } = (await response.json()) as PlatformAnswer;
  parts.renderPage(ctx, 'demo-tried', {
    title: parts.messagesOf(ctx).text('demo-tried.title', { action }),
    isWide: true,
    account: (await currentAccount(parts, ctx))?.account,
    action,
    path,
    accessToken: abbreviated(held.accessToken),
    status: response.status,
    challenge: response.headers.get('www-authenticate'),
    heard: heard && JSON.stringify(heard, null, 2),
    answer,
  });
}

/** `POST /demo/refresh` */
export async function refresh(parts: DemoParts, ctx: Koa.Context): Promise<void> {
  await takeForm(parts, ctx);
  const held = parts.held.read(ctx);
  if (held?.refreshToken === undefined) return seeOther(ctx, '/demo');
  const was = await answersNow(parts, held);
  try {
    const response = await parts.application.refresh(held.refreshToken);
    const { access_token: accessToken, refresh_token: refreshToken } = response;
    parts.held.write(ctx, { accessToken, refreshToken: refreshToken ?? held.refreshToken, was });
    seeOther(ctx, '/demo/playground?done=refreshed');
  } catch (error) {
    if (refusalOf(error) === undefined) throw error;
    seeOther(ctx, '/demo/playground?done=refused');
  }
}

/** `POST /demo/revoke` */
export async function revoke(parts: DemoParts, ctx: Koa.Context): Promise<void> {
  await takeForm(parts, ctx);
  const held = parts.held.read(ctx);
  if (held === undefined) return seeOther(ctx, '/demo');
  await parts.application.revoke(held.refreshToken ?? held.accessToken);
  seeOther(ctx, '/demo/playground?done=revoked');
}

/** `POST /demo/role` */
export async function changeRole(parts: DemoParts, ctx: Koa.Context): Promise<void> {
  const fields = await takeForm(parts, ctx);
  const signedIn = await currentAccount(parts, ctx);
  if (signedIn === undefined) return seeOther(ctx, '/sign-in?next=/demo/playground');
  const held = parts.held.read(ctx);
  const change = fields.get('change') ?? '';
  const stage = stagesOf(signedIn.account.email).find(
    ({ organization }) => organization === fields.get('organization'),
  );
  if (stage === undefined || !isChange(change)) return seeOther(ctx, '/demo/playground?done=same');
  if (held !== undefined) {
    parts.held.write(ctx, { ...held, was: await answersNow(parts, held) });
  }
  const isChanged = await makeChange(parts.db, signedIn.account.id, stage, change);
  seeOther(ctx, `/demo/playground?done=${isChanged ? 'changed' : 'same'}`);
}

async function answersNow({ resourceServer }: DemoParts, held: Held): Promise<string> {
  return packAnswers(await askEverywhere(resourceServer, held.accessToken));
}
