/**
 * The forms of an organization's resource server. Below, `.../resource-servers` is that of server-site.ts.
 *
 *   GET  .../resource-servers/new           the form
 *   POST .../resource-servers/new           registers it; its first secret is shown this once
 *   GET  .../resource-servers/:server/edit  the form
 *   POST .../resource-servers/:server/edit  changes it; its address stays
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { newId } from '../../lib/ids.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import { readInside } from '../../organizations/inside.ts';
import { RefusedError } from '../../organizations/refusals.ts';
import { addOwnSecret } from '../../organizations/resource-server-secrets.ts';
import {
  changeOwnResourceServer,
  createOwnResourceServer,
  inResourceServer,
} from '../../organizations/resource-servers.ts';
import { inOrganization } from '../../organizations/rights.ts';
import {
  findOwned,
  type OwnedResourceServer,
} from '../../storage/clients/organization-resource-servers.ts';
import { seeOther } from '../page/page-parts.ts';
import { manyBoxesBytes, readForm } from '../page/read-form.ts';
import { changedTexts } from './changed-texts.ts';
import { type ChangedField, mergeTyped, readBase } from './merge-typed.ts';
import { scopeLevels } from './own-form.ts';
import { type PortalParts, page, type Visit } from './own-site.ts';
import { showSecret } from './own-view.ts';
import { conflictTexts } from './server-faults.ts';
import {
  errorsOf,
  nothingTyped,
  readTyped,
  serverForm,
  serverLabels,
  serverNothing,
  type TypedServer,
  typedOf,
  wishOf,
} from './server-form.ts';
import { ServerChangedError, whileItIs } from './server-seen.ts';
import {
  enterServers,
  enterServersByForm,
  type ServerSite,
  serverIds,
  serverPurpose,
  serversPath,
} from './server-site.ts';

/** The routes of the forms. */
export function serverFormRoutes(parts: PortalParts): Router {
  return strictRouter()
    .get(
      `${serversPath}/new`,
      page((ctx) => openNew(parts, ctx)),
    )
    .post(
      `${serversPath}/new`,
      page((ctx) => sendNew(parts, ctx)),
    )
    .get(
      `${serversPath}/:server/edit`,
      page((ctx) => openEdit(parts, ctx)),
    )
    .post(
      `${serversPath}/:server/edit`,
      page((ctx) => sendEdit(parts, ctx)),
    );
}

/** What a form shows. */
interface Form {
  readonly id: string;
  /** Undefined: a new one. */
  readonly server?: OwnedResourceServer;
  readonly typed: TypedServer;
  /** '' of one that asks about tokens that are for no resource server alone. */
  readonly audience: string;
  /** What was saved when the form was opened; of a new one there is nothing. */
  readonly base?: TypedServer | undefined;
  readonly search?: string;
  readonly refusal?: RefusedError;
  /** What somebody else saved meanwhile. */
  readonly changed?: readonly ChangedField<keyof TypedServer>[];
}

function showForm(
  parts: PortalParts,
  ctx: Koa.Context,
  { account, at }: Visit & { readonly at: ServerSite },
  { id, server, typed, audience, base, search = '', refusal, changed }: Form,
): void {
  const t = parts.messagesOf(ctx);
  if (refusal !== undefined) ctx.status = refusal.refusal.code === 'conflict' ? 409 : 422;
  const isNew = server === undefined;
  parts.renderPage(ctx, 'applications-own/server-form', {
    title: isNew ? t.text('own-server.new') : t.text('own-server.edit', { name: server.name }),
    account,
    isNew,
    isRefused: refusal !== undefined,
    path: isNew ? `${at.path}/new` : `${at.path}/${id}/edit`,
    back: isNew ? at.back : `${at.path}/${id}`,
    id,
    typed,
    audience,
    base: base && JSON.stringify(base),
    levels: scopeLevels(t, { scopes: typed.scopes, required: typed.defaults }, search),
    search,
    changed: changed && changedTexts(t, serverLabels, changed, serverNothing),
    errors: refusal === undefined ? {} : errorsOf(t, refusal),
    token: parts.formTokens.issue(ctx, { purpose: serverPurpose(id), accountId: account.id }),
  });
}

async function openNew(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const visit = await enterServers(parts, ctx);
  if (visit === undefined) return;
  const { actor, organizationId } = visit.at;
  const entrance = inOrganization(actor, 'resource_server.created', { organizationId });
  await readInside(parts.db, entrance, async () => undefined);
  const id = `rs_${newId().replaceAll('-', '')}`;
  showForm(parts, ctx, visit, { id, typed: nothingTyped, audience: '' });
}

async function sendNew(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const { sending, fields } = await readSent(parts, ctx, undefined);
  const { at, work, account } = sending;
  const audience = (fields.get('audience') ?? '').trim();
  const form = { id: fields.get('id') ?? '', typed: readTyped(fields), audience };
  const search = fields.get('search') ?? '';
  if (fields.get('action') === 'search') {
    return showForm(parts, ctx, sending, { ...form, search });
  }
  const { typed, id } = form;
  const ids = { organizationId: at.organizationId, resourceServerId: id };
  if ((await findOwned(parts.db, ids)) !== undefined) return seeOther(ctx, `${at.path}/${id}`);
  try {
    await createOwnResourceServer(
      work,
      at.actor,
      { organizationId: at.organizationId, issuer: parts.issuer },
      { ...wishOf(typed), id, audience: audience || undefined },
    );
  } catch (error) {
    if (!isShown(error)) throw error;
    return showForm(parts, ctx, sending, { ...form, refusal: error });
  }
  const { secret } = await addOwnSecret(work, at.actor, ids);
  if (secret === undefined) return seeOther(ctx, `${at.path}/${id}`);
  showSecret(parts, ctx, { account, site: { path: at.path } }, { client: { id }, secret });
}

async function openEdit(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const visit = await enterServers(parts, ctx);
  if (visit === undefined) return;
  const ids = serverIds(ctx, visit.at);
  const entrance = inResourceServer(visit.at.actor, 'resource_server.changed', ids);
  const server = await readInside(parts.db, entrance, async (_tx, here) => here.resourceServer);
  const { id, audience = '' } = server;
  const typed = typedOf(server);
  showForm(parts, ctx, visit, { id, server, typed, audience, base: typed });
}

async function sendEdit(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const { sending, fields } = await readSent(parts, ctx, ctx['params'].server ?? '');
  const { at, work } = sending;
  const ids = serverIds(ctx, at);
  const entrance = inResourceServer(at.actor, 'resource_server.changed', ids);
  const server = await readInside(parts.db, entrance, async (_tx, here) => here.resourceServer);
  const typed = readTyped(fields);
  const base = readBase(serverForm, fields.get('base'));
  const form = { id: server.id, server, typed, audience: server.audience ?? '', base };
  if (fields.get('action') === 'search') {
    return showForm(parts, ctx, sending, { ...form, search: fields.get('search') ?? '' });
  }
  try {
    const unchanged = whileItIs(work, { actor: at.actor, ids, base: base ?? typed });
    await changeOwnResourceServer(unchanged, at.actor, ids, wishOf(typed));
  } catch (error) {
    if (error instanceof ServerChangedError) {
      ctx.status = 409;
      const now = typedOf(error.server);
      return showForm(parts, ctx, sending, { ...form, ...mergeTyped(base, typed, now), base: now });
    }
    if (!isShown(error)) throw error;
    return showForm(parts, ctx, sending, { ...form, refusal: error });
  }
  seeOther(ctx, `${at.path}/${server.id}?done=changed`);
}

/** What is said beside the form; other refusals have a page. */
function isShown(error: unknown): error is RefusedError {
  if (!(error instanceof RefusedError)) return false;
  const { refusal } = error;
  if (refusal.code === 'conflict') return refusal.reason in conflictTexts;
  return refusal.code === 'invalid';
}

/** @param id of the resource server; undefined: the form says it. @throws {PageError} 403. */
async function readSent(parts: PortalParts, ctx: Koa.Context, id: string | undefined) {
  await enterServersByForm(parts, ctx); // nobody else has a large form read
  const fields = await readForm(ctx, manyBoxesBytes);
  const sending = await enterServersByForm(parts, ctx);
  const purpose = serverPurpose(id ?? fields.get('id') ?? '');
  parts.formTokens.check(ctx, { purpose, accountId: sending.account.id }, fields.get('token'));
  return { sending, fields };
}
