/**
 * The management API for readers: its OpenAPI document, and Swagger UI that shows it, from this
 * origin and under the same content security policy as every page.
 *
 *   GET /api/openapi.json
 *   GET /api/docs
 *   GET /api/docs/:file    the parts of Swagger UI that the page takes
 *
 * @module
 */

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type Router from '@koa/router';
import type Koa from 'koa';
import { strictRouter } from '../../lib/strict-router.ts';
import { entityTag } from './entity-tags.ts';
import { openApiDocument } from './openapi.ts';

/** What the pages need. */
export interface DocsParts {
  readonly issuer: string;
  readonly renderPage: (ctx: Koa.Context, view: string, locals: { readonly title: string }) => void;
}

const files: ReadonlyMap<string, string> = new Map([
  ['swagger-ui.css', import.meta.resolve('swagger-ui-dist/swagger-ui.css')],
  ['swagger-ui-bundle.js', import.meta.resolve('swagger-ui-dist/swagger-ui-bundle.js')],
]);

/** Mounts the document and its reader; the files, of megabytes, are read when asked for. */
export function docsRoutes({ issuer, renderPage }: DocsParts): Router {
  const document = JSON.stringify(openApiDocument(issuer));
  return strictRouter()
    .get('/api/openapi.json', (ctx) => send(ctx, 'application/json', document))
    .get('/api/docs', (ctx) => renderPage(ctx, 'api-docs', { title: 'Management API' }))
    .get('/api/docs/:file', async (ctx) => {
      const name = ctx.params['file'] ?? '';
      const url = files.get(name);
      if (url === undefined) return;
      send(ctx, name.endsWith('.css') ? 'css' : 'js', await readFile(fileURLToPath(url), 'utf8'));
    });
}

function send(ctx: Koa.Context, type: string, text: string): void {
  ctx.status = 200;
  ctx.set({ ETag: entityTag(text), 'Cache-Control': 'no-cache' });
  ctx.type = type;
  if (ctx.fresh) ctx.status = 304;
  else ctx.body = text;
}
