/**
 * The logo of an application. Below, `.../own` is both addresses of own-site.ts.
 *
 *   POST .../own/:client/logo         a file: becomes the logo
 *   POST .../own/:client/logo/remove  takes it
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { strictRouter } from '../../lib/strict-router.ts';
import { type LogoFault, maxUploadBytes, minSide } from '../../portal/logo-image.ts';
import { giveLogo, type LogoOutcome, takeLogo } from '../../portal/own-logo.ts';
import { seeOther } from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import { readUpload } from '../page/read-upload.ts';
import { ownOf } from './own-pages.ts';
import {
  enterByForm,
  idsOf,
  notThere,
  ownPaths,
  type PortalParts,
  page,
  type Sending,
} from './own-site.ts';
import { purposeOf, showOwn } from './own-view.ts';

/** The routes of logos. */
export function ownLogoRoutes(parts: PortalParts): Router {
  const router = strictRouter();
  for (const path of ownPaths) {
    router
      .post(
        `${path}/:client/logo`,
        page((ctx) => sendLogo(parts, ctx)),
      )
      .post(
        `${path}/:client/logo/remove`,
        page((ctx) => removeLogo(parts, ctx)),
      );
  }
  return router;
}

const faultTexts: Readonly<Record<LogoFault | 'too_often', string>> = {
  missing: 'own-app-logo.missing',
  too_large: 'own-app-logo.too-large',
  vector: 'own-app-logo.vector',
  no_picture: 'own-app-logo.no-picture',
  more_than_picture: 'own-app-logo.more-than-picture',
  too_many_pixels: 'own-app-logo.too-many-pixels',
  too_small: 'own-app-logo.too-small',
  broken: 'own-app-logo.broken',
  too_often: 'own-app-logo.too-often',
};

async function sendLogo(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  await enterByForm(parts, ctx); // nobody else has a file read
  const upload = await readUpload(ctx, 'logo', 2 * maxUploadBytes);
  const sending = await enterByForm(parts, ctx);
  checkToken(parts, ctx, sending, upload.get('token'));
  const ids = idsOf(sending.site, idOf(ctx));
  const result = await giveLogo(sending.work, ids, upload.file);
  await answer(parts, ctx, sending, result, 'logo');
}

async function removeLogo(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const fields = await readForm(ctx);
  const sending = await enterByForm(parts, ctx);
  checkToken(parts, ctx, sending, fields.get('token') ?? undefined);
  const result = await takeLogo(sending.work, idsOf(sending.site, idOf(ctx)));
  await answer(parts, ctx, sending, result, 'logo-removed');
}

const idOf = (ctx: Koa.Context): string => ctx['params'].client ?? '';

function checkToken(
  { formTokens }: PortalParts,
  ctx: Koa.Context,
  { account }: Sending,
  token: string | undefined,
): void {
  formTokens.check(ctx, { purpose: purposeOf(idOf(ctx)), accountId: account.id }, token ?? null);
}

async function answer(
  parts: PortalParts,
  ctx: Koa.Context,
  sending: Sending,
  result: LogoOutcome,
  done: string,
): Promise<void> {
  if (result.outcome === 'unknown') throw notThere();
  const path = `${sending.site.path}/${idOf(ctx)}`;
  if (result.outcome === 'changed') return seeOther(ctx, `${path}?done=${done}#logo`);
  const fault = result.outcome === 'refused' ? result.reason : result.outcome;
  ctx.status = fault === 'too_often' ? 429 : 422;
  const text = parts.messagesOf(ctx).text(faultTexts[fault], { least: minSide });
  const client = await ownOf(parts, ctx, sending);
  await showOwn(parts, ctx, sending, client, { of: 'logo', text, typed: '' });
}
