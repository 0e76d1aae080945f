/**
 * The management API for readers: its OpenAPI document, and a page that shows it, which needs no
 * JavaScript and looks like every other page.
 *
 *   GET /api/openapi.json
 *   GET /api/docs
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { strictRouter } from '../../lib/strict-router.ts';
import { entityTag } from './entity-tags.ts';
import { openApiDocument } from './openapi.ts';
import { referenceOf } from './reference.ts';

/** What the pages need. */
export interface DocsParts {
  readonly issuer: string;
  readonly renderPage: (
    ctx: Koa.Context,
    view: string,
    locals: { readonly title: string; readonly reference: object; readonly isWide: boolean },
  ) => void;
}

/** Mounts the document and its page. */
export function docsRoutes({ issuer, renderPage }: DocsParts): Router {
  const text = JSON.stringify(openApiDocument(issuer));
  const etag = entityTag(text);
  const reference = referenceOf(JSON.parse(text));
  return strictRouter()
    .get('/api/openapi.json', (ctx) => {
      ctx.status = 200;
      ctx.set({ ETag: etag, 'Cache-Control': 'no-cache' });
      ctx.type = 'application/json';
      if (ctx.fresh) ctx.status = 304;
      else ctx.body = text;
    })
    .get('/api/docs', (ctx) =>
      renderPage(ctx, 'api-docs', { title: 'Management API', reference, isWide: true }),
    );
}
