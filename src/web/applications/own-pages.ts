/**
 * A person's own applications: what a developer registers and looks after.
 *
 *   GET  /account/applications/own                 the list
 *   GET  /account/applications/own/new             the form
 *   POST /account/applications/own/new             registers it; the secret is shown this once
 *   GET  /account/applications/own/:client         one application
 *   GET  /account/applications/own/:client/edit    the form
 *   POST /account/applications/own/:client/edit    changes it
 *   POST /account/applications/own/:client/delete  ends it
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { newId } from '../../lib/ids.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import {
  changeOwn,
  deleteOwn,
  findOwn,
  kindOf,
  listOwn,
  registerOwn,
} from '../../portal/own-applications.ts';
import type { Fault, TypedApplication } from '../../portal/typed-application.ts';
import type { OwnClient } from '../../storage/clients/own-clients.ts';
import { PageError } from '../page/page-error.ts';
import { accountOfForm, accountOrSignIn, type SignedIn, seeOther } from '../page/page-parts.ts';
import { manyBoxesBytes, readForm } from '../page/read-form.ts';
import { faultTexts } from './fault-texts.ts';
import { kindChoices, nothingTyped, readTyped, scopeLevels, typedOf } from './own-form.ts';
import { ownPath, type PortalParts, showOwn, showSecret } from './own-view.ts';

/** The routes of a person's own applications, without those of their secrets. */
export function ownApplicationRoutes(parts: PortalParts): Router {
  return strictRouter()
    .get(ownPath, (ctx) => openList(parts, ctx))
    .get(`${ownPath}/new`, (ctx) => openNew(parts, ctx))
    .post(`${ownPath}/new`, (ctx) => sendNew(parts, ctx))
    .get(`${ownPath}/:client`, (ctx) => openOne(parts, ctx))
    .get(`${ownPath}/:client/edit`, (ctx) => openEdit(parts, ctx))
    .post(`${ownPath}/:client/edit`, (ctx) => sendEdit(parts, ctx))
    .post(`${ownPath}/:client/delete`, (ctx) => sendDelete(parts, ctx));
}

async function openList(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const signedIn = await accountOrSignIn(parts, ctx);
  if (signedIn === undefined) return;
  const t = parts.messagesOf(ctx);
  const applications = await listOwn(parts.db, signedIn.account.id);
  parts.renderPage(ctx, 'applications-own/list', {
    title: t.text('own-apps.title'),
    account: signedIn.account,
    isWide: true,
    applications: applications.map((client) => ({
      ...client,
      address: `${ownPath}/${client.id}`,
    })),
    isDeleted: ctx.URL.searchParams.get('done') === 'deleted',
  });
}

/** What a form shows. */
interface Form {
  /** Undefined: a new one. */
  readonly client?: OwnClient | undefined;
  /** Of a new one: the client id that it gets. */
  readonly id: string;
  readonly typed: TypedApplication;
  readonly version: number;
  readonly faults?: readonly Fault[];
  readonly search?: string;
  /** A message key. */
  readonly notice?: string;
}

function showForm(parts: PortalParts, ctx: Koa.Context, { account }: SignedIn, form: Form): void {
  const { client, id, typed, version, faults = [], search = '', notice } = form;
  const t = parts.messagesOf(ctx);
  if (faults.length > 0) ctx.status = 422;
  const isNew = client === undefined;
  parts.renderPage(ctx, 'applications-own/form', {
    title: isNew ? t.text('own-app-form.new') : t.text('own-app-form.edit', { name: client.name }),
    account,
    isNew,
    isRefused: faults.length > 0,
    path: isNew ? `${ownPath}/new` : `${ownPath}/${id}/edit`,
    back: isNew ? ownPath : `${ownPath}/${id}`,
    id,
    version,
    typed,
    kinds: kindChoices(t, typed.kind),
    levels: scopeLevels(t, typed, search),
    search,
    errors: faultTexts(t, faults, typed.redirectUris),
    notice: notice && t.text(notice),
    token: parts.formTokens.issue(ctx, {
      purpose: purposeOf(id),
      accountId: account.id,
    }),
  });
}

/** A form serves one application; a new one's id is none that its reader chose. */
const purposeOf = (id: string) => `own-application:${id}`;

async function openNew(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const signedIn = await accountOrSignIn(parts, ctx);
  if (signedIn === undefined) return;
  const id = `app_${newId().replaceAll('-', '')}`;
  const typed = { ...nothingTyped, contact: signedIn.account.email };
  showForm(parts, ctx, signedIn, { id, typed, version: 0 });
}

async function sendNew(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const { sender, fields } = await readSent(parts, ctx, undefined);
  const id = fields.get('id') ?? '';
  const typed = readTyped(fields);
  const search = fields.get('search') ?? '';
  if (fields.get('action') === 'search') {
    return showForm(parts, ctx, sender, { id, typed, version: 0, search });
  }
  const owner = { accountId: sender.account.id, origin: parts.originOf(ctx) };
  const result = await registerOwn(sender.db, owner, {
    id,
    typed,
    production: parts.isProduction,
  });
  if (result.outcome === 'refused') {
    return showForm(parts, ctx, sender, {
      id,
      typed,
      version: 0,
      faults: result.faults,
    });
  }
  if (result.outcome === 'too_many') {
    ctx.status = 409;
    return showForm(parts, ctx, sender, {
      id,
      typed,
      version: 0,
      notice: 'own-app-form.too-many',
    });
  }
  if (result.outcome !== 'registered') return seeOther(ctx, `${ownPath}/${id}`);
  if (result.secret === undefined) return seeOther(ctx, `${ownPath}/${id}?done=registered`);
  showSecret(parts, ctx, sender, {
    client: result.client,
    secret: result.secret,
  });
}

async function openOne(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const signedIn = await accountOrSignIn(parts, ctx);
  if (signedIn === undefined) return;
  await showOwn(parts, ctx, signedIn, await ownOf(parts, ctx, signedIn));
}

async function openEdit(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const signedIn = await accountOrSignIn(parts, ctx);
  if (signedIn === undefined) return;
  const client = await ownOf(parts, ctx, signedIn);
  const { id, version } = client;
  showForm(parts, ctx, signedIn, {
    client,
    id,
    version,
    typed: typedOf(client),
  });
}

async function sendEdit(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const { sender, fields } = await readSent(parts, ctx, ctx['params'].client ?? '');
  const client = await ownOf(parts, ctx, sender);
  const { id } = client;
  const typed = { ...readTyped(fields), kind: kindOf(client) };
  const version = Number(fields.get('version'));
  const form = { client, id, typed, version };
  if (fields.get('action') === 'search') {
    return showForm(parts, ctx, sender, {
      ...form,
      search: fields.get('search') ?? '',
    });
  }
  const owner = { accountId: sender.account.id, origin: parts.originOf(ctx) };
  const change = { id, version, typed, production: parts.isProduction };
  const result = await changeOwn(sender.db, owner, change);
  if (result.outcome === 'unknown') throw notThere();
  if (result.outcome === 'refused') {
    return showForm(parts, ctx, sender, { ...form, faults: result.faults });
  }
  if (result.outcome === 'outdated') {
    ctx.status = 409;
    const now = await ownOf(parts, ctx, sender);
    const shown = {
      client: now,
      id,
      typed: typedOf(now),
      version: now.version,
    };
    return showForm(parts, ctx, sender, {
      ...shown,
      notice: 'own-app-form.outdated',
    });
  }
  const done = result.endedConsents > 0 ? 'moved' : 'changed';
  seeOther(ctx, `${ownPath}/${id}?done=${done}`);
}

async function sendDelete(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const id = ctx['params'].client ?? '';
  const { sender } = await readSent(parts, ctx, id);
  const owner = { accountId: sender.account.id, origin: parts.originOf(ctx) };
  await deleteOwn(sender.db, owner, id); // gone already is gone as well
  seeOther(ctx, `${ownPath}?done=deleted`);
}

/** @param id of the application; undefined: the form says it. @throws {PageError} 403. */
async function readSent(parts: PortalParts, ctx: Koa.Context, id: string | undefined) {
  await accountOfForm(parts, ctx); // nobody else has a large form read
  const fields = await readForm(ctx, manyBoxesBytes);
  const sender = await accountOfForm(parts, ctx);
  const purpose = purposeOf(id ?? fields.get('id') ?? '');
  parts.formTokens.check(ctx, { purpose, accountId: sender.account.id }, fields.get('token'));
  return { sender, fields };
}

/** @throws {PageError} 404. */
async function ownOf(parts: PortalParts, ctx: Koa.Context, { account }: SignedIn) {
  const client = await findOwn(parts.db, account.id, ctx['params'].client ?? '');
  if (client === undefined) throw notThere();
  return client;
}

function notThere(): PageError {
  return new PageError(404, {
    what: 'own-apps.unknown',
    next: 'own-apps.unknown-next',
  });
}
