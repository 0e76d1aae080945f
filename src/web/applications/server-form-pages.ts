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
import { names, type ScopeSet, scopeSet } from '../../catalogue/scope-set.ts';
import { type ScopeName, scopes } from '../../catalogue/scopes.ts';
import { newId } from '../../lib/ids.ts';
import type { Messages } from '../../lib/messages.ts';
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
import { nothingTyped, scopeLevels } from './own-form.ts';
import { type PortalParts, page, type Visit } from './own-site.ts';
import { showSecret } from './own-view.ts';
import { addressTexts, conflictTexts } from './server-faults.ts';
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

/** What was typed; nothing is checked. */
interface TypedServer {
  readonly name: string;
  /** '' of one that asks about tokens that are for no resource server alone. */
  readonly audience: string;
  readonly requiresResource: boolean;
  /** None: it accepts all. */
  readonly scopes: readonly ScopeName[];
}

/** What a form shows. */
interface Form {
  readonly id: string;
  /** Undefined: a new one. */
  readonly server?: OwnedResourceServer;
  readonly typed: TypedServer;
  readonly search?: string;
  readonly refusal?: RefusedError;
}

const nothing: TypedServer = { name: '', audience: '', requiresResource: false, scopes: [] };

function readTyped(fields: URLSearchParams): TypedServer {
  const wanted = new Set(fields.getAll('scope'));
  return {
    name: fields.get('name') ?? '',
    audience: (fields.get('audience') ?? '').trim(),
    requiresResource: fields.get('requires_resource') === 'yes',
    scopes: scopes.filter(({ scope }) => wanted.has(scope)).map(({ scope }) => scope),
  };
}

function acceptedOf({ scopes: ticked }: TypedServer): ScopeSet | null {
  return ticked.length === 0 ? null : scopeSet(ticked);
}

function showForm(
  parts: PortalParts,
  ctx: Koa.Context,
  { account, at }: Visit & { readonly at: ServerSite },
  { id, server, typed, search = '', refusal }: Form,
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
    levels: scopeLevels(t, { ...nothingTyped, scopes: typed.scopes }, search),
    search,
    errors: refusal === undefined ? {} : errorsOf(t, refusal),
    token: parts.formTokens.issue(ctx, { purpose: serverPurpose(id), accountId: account.id }),
  });
}

function errorsOf(t: Messages, { refusal }: RefusedError) {
  if (refusal.code === 'conflict') {
    const text = t.text(conflictTexts[refusal.reason] ?? 'own-server.address-fault');
    return refusal.reason === 'address_taken' ? { audience: text } : { notice: text };
  }
  const fields = refusal.code === 'invalid' ? refusal.fields : [];
  const of = (name: string) => fields.find(({ field }) => field === name);
  const [name, audience] = [of('name'), of('audience')];
  const isForScopes = of('scopes') ?? of('default_scopes');
  return {
    scopes: isForScopes && t.text('own-server.scopes-fault'),
    name: name && t.text('own-app-form.name-fault'),
    audience: audience && t.text(addressTexts[audience.message] ?? 'own-server.address-fault'),
  };
}

async function openNew(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const visit = await enterServers(parts, ctx);
  if (visit === undefined) return;
  const { actor, organizationId } = visit.at;
  const entrance = inOrganization(actor, 'resource_server.created', { organizationId });
  await readInside(parts.db, entrance, async () => undefined);
  showForm(parts, ctx, visit, { id: `rs_${newId().replaceAll('-', '')}`, typed: nothing });
}

async function sendNew(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const { sending, fields } = await readSent(parts, ctx, undefined);
  const { at, work, account } = sending;
  const form = { id: fields.get('id') ?? '', typed: readTyped(fields) };
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
      {
        id,
        name: typed.name,
        audience: typed.audience || undefined,
        requiresResource: typed.requiresResource,
        scopes: acceptedOf(typed),
      },
    );
  } catch (error) {
    if (!isShown(error)) throw error;
    return showForm(parts, ctx, sending, { ...form, refusal: error });
  }
  const { secret } = await addOwnSecret(work, at.actor, ids);
  showSecret(parts, ctx, { account, site: { path: at.path } }, { client: { id }, secret });
}

async function openEdit(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const visit = await enterServers(parts, ctx);
  if (visit === undefined) return;
  const ids = serverIds(ctx, visit.at);
  const entrance = inResourceServer(visit.at.actor, 'resource_server.changed', ids);
  const server = await readInside(parts.db, entrance, async (_tx, here) => here.resourceServer);
  const { id, name, audience = '', requiresResource, accepted } = server;
  const ticked = accepted === undefined ? [] : names(accepted);
  const typed = { name, audience, requiresResource, scopes: ticked };
  showForm(parts, ctx, visit, { id, server, typed });
}

async function sendEdit(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const { sending, fields } = await readSent(parts, ctx, ctx['params'].server ?? '');
  const { at, work } = sending;
  const ids = serverIds(ctx, at);
  const entrance = inResourceServer(at.actor, 'resource_server.changed', ids);
  const server = await readInside(parts.db, entrance, async (_tx, here) => here.resourceServer);
  const typed = { ...readTyped(fields), audience: server.audience ?? '' };
  const form = { id: server.id, server, typed };
  if (fields.get('action') === 'search') {
    return showForm(parts, ctx, sending, { ...form, search: fields.get('search') ?? '' });
  }
  const { name, requiresResource } = typed;
  try {
    const wish = { name, requiresResource, scopes: acceptedOf(typed) };
    await changeOwnResourceServer(work, at.actor, ids, wish);
  } catch (error) {
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
