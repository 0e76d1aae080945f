/**
 * What is wrong with the redirect URIs of a form while one types, for the form's script. Below, `.../own` is
 * both addresses of own-site.ts.
 *
 *   POST .../own/new/redirect-uris           of a new application
 *   POST .../own/:client/edit/redirect-uris  of one that is changed
 *
 * Whoever may not open the form gets no answer here either. The words are those of the form that is sent;
 * nothing is stored.
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { strictRouter } from '../../lib/strict-router.ts';
import { kindOf, type Owned } from '../../portal/own-applications.ts';
import { findRedirectFaults } from '../../portal/redirect-faults.ts';
import { faultTexts } from './fault-texts.ts';
import { readTyped } from './own-form.ts';
import { readSent, refuseNew } from './own-form-pages.ts';
import { ownOf } from './own-pages.ts';
import { ownPaths, type PortalParts, page } from './own-site.ts';

/** The routes of the check. */
export function checkedUrisRoutes(parts: PortalParts): Router {
  const router = strictRouter();
  for (const path of ownPaths) {
    router
      .post(
        `${path}/new/redirect-uris`,
        page((ctx) => checkNew(parts, ctx)),
      )
      .post(
        `${path}/:client/edit/redirect-uris`,
        page((ctx) => checkEdit(parts, ctx)),
      );
  }
  return router;
}

async function checkNew(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const { sending, fields } = await readSent(parts, ctx, undefined);
  await refuseNew(parts, sending);
  answer(parts, ctx, fields, undefined);
}

async function checkEdit(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const { sending, fields } = await readSent(parts, ctx, ctx['params'].client ?? '');
  answer(parts, ctx, fields, await ownOf(parts, ctx, sending));
}

function answer(
  parts: PortalParts,
  ctx: Koa.Context,
  fields: URLSearchParams,
  client: Owned | undefined,
): void {
  const sent = readTyped(fields);
  const typed = client === undefined ? sent : { ...sent, kind: kindOf(client) };
  const faults = findRedirectFaults(typed, parts.isProduction, client);
  const { redirectUris: fault } = faultTexts(parts.messagesOf(ctx), faults, typed);
  const count = typed.redirectUris.length;
  ctx.set('Cache-Control', 'no-store');
  parts.renderPage.fragment(ctx, 'applications-own/checked-uris', { fault, count });
}
