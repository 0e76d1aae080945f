/**
 * The forms of an application that somebody builds. Below, `.../own` is both addresses of own-site.ts.
 *
 *   GET  .../own/new           the form
 *   POST .../own/new           registers it; the secret is shown this once
 *   GET  .../own/:client/edit  the form
 *   POST .../own/:client/edit  changes it
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { newId } from '../../lib/ids.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import {
  changeOwn,
  kindOf,
  listOwn,
  maxApplications,
  type Owned,
  registerOwn,
} from '../../portal/own-applications.ts';
import type { Fault, TypedApplication } from '../../portal/typed-application.ts';
import { PageError } from '../page/page-error.ts';
import { seeOther } from '../page/page-parts.ts';
import { manyBoxesBytes, readForm } from '../page/read-form.ts';
import { applicationLabels, changedTexts } from './changed-texts.ts';
import { faultTexts } from './fault-texts.ts';
import { type ChangedField, mergeTyped, readBase } from './merge-typed.ts';
import {
  applicationForm,
  kindChoices,
  nothingTyped,
  readTyped,
  scopeLevels,
  typedOf,
} from './own-form.ts';
import { ownOf } from './own-pages.ts';
import {
  enter,
  enterByForm,
  idsOf,
  ownPaths,
  type PortalParts,
  page,
  type Visit,
} from './own-site.ts';
import { purposeOf, showSecret } from './own-view.ts';

/** The routes of the forms. */
export function ownFormRoutes(parts: PortalParts): Router {
  const router = strictRouter();
  for (const path of ownPaths) {
    router
      .get(
        `${path}/new`,
        page((ctx) => openNew(parts, ctx)),
      )
      .post(
        `${path}/new`,
        page((ctx) => sendNew(parts, ctx)),
      )
      .get(
        `${path}/:client/edit`,
        page((ctx) => openEdit(parts, ctx)),
      )
      .post(
        `${path}/:client/edit`,
        page((ctx) => sendEdit(parts, ctx)),
      );
  }
  return router;
}

/** What a form shows. */
interface Form {
  /** Undefined: a new one. */
  readonly client?: Owned | undefined;
  /** Of a new one: the client id that it gets. */
  readonly id: string;
  readonly typed: TypedApplication;
  /** What was saved when the form was opened; of a new one there is nothing. */
  readonly base?: TypedApplication | undefined;
  readonly version: number;
  readonly faults?: readonly Fault[];
  readonly search?: string;
  readonly notice?: string;
  /** What somebody else saved meanwhile. */
  readonly changed?: readonly ChangedField<keyof TypedApplication>[];
}

function showForm(parts: PortalParts, ctx: Koa.Context, { account, site }: Visit, form: Form) {
  const { client, id, typed, base, version, faults = [], search = '', notice, changed } = form;
  const t = parts.messagesOf(ctx);
  if (faults.length > 0) ctx.status = 422;
  const isNew = client === undefined;
  const { path, organization } = site;
  parts.renderPage(ctx, 'applications-own/form', {
    title: isNew ? t.text('own-app-form.new') : t.text('own-app-form.edit', { name: client.name }),
    account,
    isNew,
    organization,
    isManager: client?.isWhole === false,
    isRefused: faults.length > 0,
    path: isNew ? `${path}/new` : `${path}/${id}/edit`,
    back: isNew ? path : `${path}/${id}`,
    id,
    version,
    base: base && JSON.stringify(base),
    typed,
    kinds: kindChoices(t, typed.kind),
    levels: scopeLevels(t, typed, search),
    search,
    errors: faultTexts(t, faults, typed),
    notice,
    changed: changed && changedTexts(t, applicationLabels, changed),
    token: parts.formTokens.issue(ctx, { purpose: purposeOf(id), accountId: account.id }),
  });
}

async function openNew(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const visit = await enter(parts, ctx);
  if (visit === undefined) return;
  await refuseNew(parts, visit);
  const id = `app_${newId().replaceAll('-', '')}`;
  const typed = { ...nothingTyped, contact: visit.account.email };
  showForm(parts, ctx, visit, { id, typed, version: 0 });
}

/** @throws {PageError} 403: they register none here. */
export async function refuseNew({ db }: PortalParts, { site }: Pick<Visit, 'site'>): Promise<void> {
  const { isWhole } = await listOwn(db, site.owner);
  if (isWhole) return;
  throw new PageError(403, { what: 'own-apps.no-new', next: 'own-apps.no-new-next' });
}

async function sendNew(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const { sending, fields } = await readSent(parts, ctx, undefined);
  const { site } = sending;
  const form = { id: fields.get('id') ?? '', typed: readTyped(fields), version: 0 };
  if (fields.get('action') === 'search') {
    return showForm(parts, ctx, sending, { ...form, search: fields.get('search') ?? '' });
  }
  const { id, typed } = form;
  const wish = { id, typed, production: parts.isProduction };
  const result = await registerOwn(sending.work, site.owner, wish);
  if (result.outcome === 'refused') {
    return showForm(parts, ctx, sending, { ...form, faults: result.faults });
  }
  if (result.outcome === 'too_many') {
    ctx.status = 409;
    const notice = tooMany(parts, ctx, sending);
    return showForm(parts, ctx, sending, { ...form, notice });
  }
  const address = `${site.path}/${id}`;
  if (result.outcome !== 'registered') return seeOther(ctx, address);
  if (result.secret === undefined) return seeOther(ctx, `${address}?done=registered`);
  showSecret(parts, ctx, sending, { client: result.client, secret: result.secret });
}

function tooMany({ messagesOf }: PortalParts, ctx: Koa.Context, { site }: Visit): string {
  const t = messagesOf(ctx);
  return site.organization === undefined
    ? t.text('own-app-form.too-many', { count: maxApplications.person })
    : t.text('own-app-form.too-many-of', { count: maxApplications.organization });
}

async function openEdit(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const visit = await enter(parts, ctx);
  if (visit === undefined) return;
  const client = await ownOf(parts, ctx, visit);
  const { id, version } = client;
  const typed = typedOf(client);
  showForm(parts, ctx, visit, { client, id, version, typed, base: typed });
}

async function sendEdit(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const { sending, fields } = await readSent(parts, ctx, ctx['params'].client ?? '');
  const client = await ownOf(parts, ctx, sending);
  const { id } = client;
  const typed = { ...readTyped(fields), kind: kindOf(client) };
  const version = Number(fields.get('version'));
  const base = readBase(applicationForm, fields.get('base'));
  const form = { client, id, typed, version, base };
  if (fields.get('action') === 'search') {
    return showForm(parts, ctx, sending, { ...form, search: fields.get('search') ?? '' });
  }
  const change = { version, typed, production: parts.isProduction };
  const result = await changeOwn(sending.work, idsOf(sending.site, id), change);
  if (result.outcome === 'refused') {
    return showForm(parts, ctx, sending, { ...form, faults: result.faults });
  }
  if (result.outcome !== 'changed') return showOutdated(parts, ctx, sending, form);
  const done = result.endedConsents > 0 ? 'moved' : 'changed';
  seeOther(ctx, `${sending.site.path}/${id}?done=${done}`);
}

/** @throws {PageError} 404: it is not there any more. */
async function showOutdated(parts: PortalParts, ctx: Koa.Context, visit: Visit, form: Form) {
  ctx.status = 409;
  const client = await ownOf(parts, ctx, visit);
  const now = typedOf(client);
  const { typed, changed } = mergeTyped(form.base, form.typed, now);
  const { version } = client;
  showForm(parts, ctx, visit, { client, id: client.id, typed, changed, version, base: now });
}

/**
 * Reads what a form of an application sent.
 *
 * @param id of the application; undefined: the form says it.
 * @throws {PageError} 403.
 */
export async function readSent(parts: PortalParts, ctx: Koa.Context, id: string | undefined) {
  await enterByForm(parts, ctx); // nobody else has a large form read
  const fields = await readForm(ctx, manyBoxesBytes);
  const sending = await enterByForm(parts, ctx);
  const held = { purpose: purposeOf(id ?? fields.get('id') ?? ''), accountId: sending.account.id };
  parts.formTokens.check(ctx, held, fields.get('token'));
  return { sending, fields };
}
