/**
 * The applications that a person, or an organization, builds: the list, and each of them. Below, `.../own` is
 * both addresses of own-site.ts.
 *
 *   GET  .../own                 the list
 *   GET  .../own/:client         one application
 *   POST .../own/:client/delete  ends it
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { strictRouter } from '../../lib/strict-router.ts';
import { organizationsToManage } from '../../organizations/owned-applications.ts';
import { deleteOwn, findOwn, listOwn, type Owned } from '../../portal/own-applications.ts';
import { seeOther } from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import {
  enter,
  enterByForm,
  idsOf,
  notThere,
  organizationPath,
  ownPaths,
  type PortalParts,
  page,
  type Visit,
} from './own-site.ts';
import { purposeOf, showOwn } from './own-view.ts';
import { serversFor } from './server-site.ts';

/** The routes of the applications that somebody builds, without those of forms and secrets. */
export function ownApplicationRoutes(parts: PortalParts): Router {
  const router = strictRouter();
  for (const path of ownPaths) {
    router
      .get(
        path,
        page((ctx) => openList(parts, ctx)),
      )
      .get(
        `${path}/:client`,
        page((ctx) => openOne(parts, ctx)),
      )
      .post(
        `${path}/:client/delete`,
        page((ctx) => sendDelete(parts, ctx)),
      );
  }
  return router;
}

async function openList(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const visit = await enter(parts, ctx);
  if (visit === undefined) return;
  const { account, site } = visit;
  const { path, organization } = site;
  const t = parts.messagesOf(ctx);
  const { applications, isWhole } = await listOwn(parts.db, site.owner);
  const servers = await serversFor(parts.db, site);
  const others =
    organization === undefined ? await organizationsToManage(parts.db, account.id) : [];
  parts.renderPage(ctx, 'applications-own/list', {
    title: organization
      ? t.text('own-apps.title-of', { name: organization.name })
      : t.text('own-apps.title'),
    account,
    isWide: true,
    path,
    organization,
    isWhole,
    applications: applications.map((client) => ({ ...client, address: `${path}/${client.id}` })),
    organizations: others.map(({ name, slug }) => ({ name, address: organizationPath(slug) })),
    servers: servers?.map(({ id, name, audience, status }) => ({
      id,
      name,
      audience,
      status,
      address: `${path}/resource-servers/${id}`,
    })),
    isServerDeleted: ctx.URL.searchParams.get('done') === 'server-deleted',
    isDeleted: ctx.URL.searchParams.get('done') === 'deleted',
  });
}

async function openOne(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const visit = await enter(parts, ctx);
  if (visit !== undefined) await showOwn(parts, ctx, visit, await ownOf(parts, ctx, visit));
}

async function sendDelete(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const id = ctx['params'].client ?? '';
  const fields = await readForm(ctx);
  const { account, site, work } = await enterByForm(parts, ctx);
  const held = { purpose: purposeOf(id), accountId: account.id };
  parts.formTokens.check(ctx, held, fields.get('token'));
  await deleteOwn(work, idsOf(site, id)); // gone already is gone as well
  seeOther(ctx, `${site.path}?done=deleted`);
}

/** The application that an address names. @throws {PageError} 404. */
export async function ownOf(
  parts: PortalParts,
  ctx: Koa.Context,
  { site }: Pick<Visit, 'site'>,
): Promise<Owned> {
  const client = await findOwn(parts.db, idsOf(site, ctx['params'].client ?? ''));
  if (client === undefined) throw notThere();
  return client;
}
