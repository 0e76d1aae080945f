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

/** Mounts the document and its page, which are made when somebody first asks for them. */
export function docsRoutes({ issuer, renderPage }: DocsParts): Router {
  const published = onceAsked(() => {
    const text = JSON.stringify(openApiDocument(issuer));
    return { text, etag: entityTag(text) };
  });
  const reference = onceAsked(() => referenceOf(JSON.parse(published().text)));
  return strictRouter()
    .get('/api/openapi.json', (ctx) => {
      const { text, etag } = published();
      ctx.status = 200;
      ctx.set({ ETag: etag, 'Cache-Control': 'no-cache' });
      ctx.type = 'application/json';
      if (ctx.fresh) ctx.status = 304;
      else ctx.body = text;
    })
    .get('/api/docs', (ctx) =>
      renderPage(ctx, 'api-docs', {
        title: 'Management API',
        reference: reference(),
        isWide: true,
      }),
    );
}

/** Large, and mostly never asked for: without it a process starts sooner, and is smaller. */
function onceAsked<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
