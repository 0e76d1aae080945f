/**
 * An organization's resource server in the portal. Below, `.../resource-servers` is that of server-site.ts.
 *
 *   GET  .../resource-servers/:server              the page
 *   POST .../resource-servers/:server/secrets/add  shows a new secret this once
 *   POST .../resource-servers/:server/secrets/end  ends one
 *   POST .../resource-servers/:server/delete       ends it
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { has, type ScopeSet } from '../../catalogue/scope-set.ts';
import { scopes } from '../../catalogue/scopes.ts';
import { scopeWords } from '../../catalogue/words.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import { readInside } from '../../organizations/inside.ts';
import { RefusedError } from '../../organizations/refusals.ts';
import {
  addOwnSecret,
  deleteOwnSecret,
  listOwnSecrets,
  mostSecrets,
} from '../../organizations/resource-server-secrets.ts';
import { deleteOwnResourceServer, inResourceServer } from '../../organizations/resource-servers.ts';
import { seeOther } from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import { notThere, type PortalParts, page } from './own-site.ts';
import { showSecret } from './own-view.ts';
import {
  enterServers,
  enterServersByForm,
  serverIds,
  serverPurpose,
  serversPath,
} from './server-site.ts';

/** The routes of the pages. */
export function serverRoutes(parts: PortalParts): Router {
  return strictRouter()
    .get(
      `${serversPath}/:server`,
      page((ctx) => open(parts, ctx)),
    )
    .post(
      `${serversPath}/:server/secrets/add`,
      page((ctx) => add(parts, ctx)),
    )
    .post(
      `${serversPath}/:server/secrets/end`,
      page((ctx) => end(parts, ctx)),
    )
    .post(
      `${serversPath}/:server/delete`,
      page((ctx) => sendDelete(parts, ctx)),
    );
}

const doneTexts: Readonly<Record<string, string>> = {
  changed: 'own-server.changed',
  ended: 'own-app.secret-ended',
};

async function open(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const visit = await enterServers(parts, ctx);
  if (visit === undefined) return;
  const { account, at } = visit;
  const ids = serverIds(ctx, at);
  const entrance = inResourceServer(at.actor, 'resource_servers.read', ids);
  const server = await readInside(parts.db, entrance, async (_tx, here) => here.resourceServer);
  const secrets = await listOwnSecrets(parts.db, at.actor, ids);
  const t = parts.messagesOf(ctx);
  const { accepted, usual } = server;
  const wordsOf = (set: ScopeSet) =>
    scopes.filter(({ scope }) => has(set, scope)).map((one) => scopeWords(one, t.locale));
  const done = doneTexts[ctx.URL.searchParams.get('done') ?? ''];
  parts.renderPage(ctx, 'applications-own/server', {
    title: server.name,
    account,
    isWide: true,
    server,
    introspection: `${parts.issuer}/oauth/introspect`,
    createdAt: server.createdAt.toISOString(),
    accepts: accepted && wordsOf(accepted),
    defaults: usual === accepted ? undefined : wordsOf(usual),
    secrets: secrets.map(({ id, createdAt, lastUsedAt }) => ({
      id,
      createdAt: createdAt.toISOString(),
      lastUsedAt: lastUsedAt?.toISOString(),
    })),
    mayAdd: secrets.length < mostSecrets,
    path: `${at.path}/${server.id}`,
    back: at.back,
    done: done && t.text(done),
    isFull: ctx.URL.searchParams.get('done') === 'full',
    token: parts.formTokens.issue(ctx, {
      purpose: serverPurpose(server.id),
      accountId: account.id,
    }),
  });
}

async function add(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const { sending, ids } = await readSent(parts, ctx);
  const { at, work, account } = sending;
  try {
    const { secret } = await addOwnSecret(work, at.actor, ids);
    const client = { id: ids.resourceServerId };
    showSecret(parts, ctx, { account, site: { path: at.path } }, { client, secret });
  } catch (error) {
    const isFull = error instanceof RefusedError && error.refusal.code === 'conflict';
    if (!isFull) throw error;
    seeOther(ctx, `${at.path}/${ids.resourceServerId}?done=full`);
  }
}

async function end(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const { sending, ids, fields } = await readSent(parts, ctx);
  const { at, work } = sending;
  const secretId = fields.get('secret') ?? '';
  if (!/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/.test(secretId)) throw notThere();
  await goneIsDone(() => deleteOwnSecret(work, at.actor, { ...ids, secretId }));
  seeOther(ctx, `${at.path}/${ids.resourceServerId}?done=ended`);
}

async function sendDelete(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const { sending, ids } = await readSent(parts, ctx);
  await goneIsDone(() => deleteOwnResourceServer(sending.work, sending.at.actor, ids));
  seeOther(ctx, `${sending.at.back}?done=server-deleted`);
}

/** What is gone already is gone as well. */
async function goneIsDone(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof RefusedError && error.refusal.code === 'not_found')) throw error;
  }
}

async function readSent(parts: PortalParts, ctx: Koa.Context) {
  const fields = await readForm(ctx);
  const sending = await enterServersByForm(parts, ctx);
  const ids = serverIds(ctx, sending.at);
  const purpose = serverPurpose(ids.resourceServerId);
  parts.formTokens.check(ctx, { purpose, accountId: sending.account.id }, fields.get('token'));
  return { sending, ids, fields };
}
