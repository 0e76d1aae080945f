/**
 * The logos of applications, for `<img>`: opened by itself, one can neither run nor load anything.
 *
 *   GET /application-logos/:digest
 *
 * Whoever knows the address gets it, signed in or not, as long as an application has the logo.
 *
 * Source: Content Security Policy Level 3 (sandbox); RFC 9111 section 5.2.2 (Cache-Control).
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { strictRouter } from '../../lib/strict-router.ts';
import { logoType } from '../../portal/logo-image.ts';
import { findLogoImage } from '../../storage/clients/client-logos.ts';
import type { Database } from '../../storage/engine/database.ts';
import { logoPath } from '../page/logo-address.ts';

/** The route of logos. */
export function logoRoutes({ db }: { readonly db: Database }): Router {
  return strictRouter().get(`${logoPath}/:digest`, (ctx) => send(db, ctx));
}

const policy = "default-src 'none'; frame-ancestors 'none'; sandbox";
/** The picture at one address never changes, but may be removed. */
const caching = 'public, max-age=3600';

async function send(db: Database, ctx: Koa.Context): Promise<void> {
  const { digest } = ctx['params'];
  if (!/^[\w-]{43}$/.test(digest)) return;
  const image = await findLogoImage(db, digest);
  if (image === undefined) return;
  ctx.status = 200;
  ctx.set({ ETag: `"${digest}"`, 'Cache-Control': caching, 'Content-Security-Policy': policy });
  ctx.set('Content-Disposition', 'inline; filename="logo.webp"');
  ctx.type = logoType;
  if (ctx.fresh) ctx.status = 304;
  else ctx.body = image;
}
