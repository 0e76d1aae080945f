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
import { newId } from '../../lib/ids.ts';
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
import { secretDays } from '../../portal/own-secrets.ts';
import { seeOther } from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import { notThere, type PortalParts, page, type Visit } from './own-site.ts';
import { addPurpose, shownSecret, showSecret } from './own-view.ts';
import {
  enterServers,
  enterServersByForm,
  type ServerSite,
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
  if (visit !== undefined) await show(parts, ctx, visit);
}

/** What could not be done: its text, and what was typed. */
interface Refused {
  readonly of: 'secret';
  readonly text: string;
  readonly typed: string;
}

async function show(
  parts: PortalParts,
  ctx: Koa.Context,
  { account, at }: Visit & { readonly at: ServerSite },
  refusal?: Refused,
): Promise<void> {
  const ids = serverIds(ctx, at);
  const entrance = inResourceServer(at.actor, 'resource_servers.read', ids);
  const server = await readInside(parts.db, entrance, async (_tx, here) => here.resourceServer);
  const secrets = await listOwnSecrets(parts.db, at.actor, ids);
  const t = parts.messagesOf(ctx);
  const { accepted, usual } = server;
  const wordsOf = (set: ScopeSet) =>
    scopes.filter(({ scope }) => has(set, scope)).map((one) => scopeWords(one, t.locale));
  const done = doneTexts[ctx.URL.searchParams.get('done') ?? ''];
  const secretId = newId();
  const tokenFor = (purpose: string) =>
    parts.formTokens.issue(ctx, { purpose, accountId: account.id });
  parts.renderPage(ctx, 'applications-own/server', {
    title: server.name,
    account,
    isWide: true,
    server,
    introspection: `${parts.issuer}/oauth/introspect`,
    createdAt: server.createdAt.toISOString(),
    accepts: accepted && wordsOf(accepted),
    defaults: usual === accepted ? undefined : wordsOf(usual),
    secrets: secrets.map(shownSecret),
    days: secretDays,
    secretId,
    mayAdd: secrets.length < mostSecrets,
    path: `${at.path}/${server.id}`,
    back: at.back,
    done: done && t.text(done),
    isFull: ctx.URL.searchParams.get('done') === 'full',
    refusal,
    token: tokenFor(serverPurpose(server.id)),
    addToken: tokenFor(addPurpose(server.id, secretId)),
  });
}

async function add(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const { sending, ids, fields } = await readSent(parts, ctx, (sent, id) =>
    addPurpose(id, sent.get('secret_id') ?? ''),
  );
  const { at, work, account } = sending;
  const name = fields.get('name') ?? '';
  const days = secretDays.find((some) => String(some) === fields.get('days'));
  const id = fields.get('secret_id') ?? '';
  try {
    const { secret } = await addOwnSecret(work, at.actor, ids, { id, name, days });
    if (secret === undefined) return seeOther(ctx, `${at.path}/${ids.resourceServerId}`);
    const client = { id: ids.resourceServerId };
    showSecret(parts, ctx, { account, site: { path: at.path } }, { client, secret });
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    if (error.refusal.code === 'conflict') {
      return seeOther(ctx, `${at.path}/${ids.resourceServerId}?done=full`);
    }
    if (error.refusal.code !== 'invalid') throw error;
    ctx.status = 422;
    const text = parts.messagesOf(ctx).text('own-app.secret-bad-name');
    await show(parts, ctx, sending, { of: 'secret', text, typed: name });
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

async function readSent(
  parts: PortalParts,
  ctx: Koa.Context,
  purposeOf = (_fields: URLSearchParams, id: string) => serverPurpose(id),
) {
  const fields = await readForm(ctx);
  const sending = await enterServersByForm(parts, ctx);
  const ids = serverIds(ctx, sending.at);
  const purpose = purposeOf(fields, ids.resourceServerId);
  parts.formTokens.check(ctx, { purpose, accountId: sending.account.id }, fields.get('token'));
  return { sending, ids, fields };
}
