/**
 * Serves the files of `views/assets`, read once at the start: an address is looked up by its whole
 * name, so no path can lead out of the directory.
 *
 * @module
 */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type Router from '@koa/router';
import { strictRouter } from '../lib/strict-router.ts';

const directory = join(import.meta.dirname, '../../views/assets');

/** `GET /assets/:name`, with a strong ETag that a browser asks about each time. */
export function assetRoutes(): Router {
  const assets = new Map(readdirSync(directory).map((name) => [name, readAsset(name)]));

  return strictRouter().get('/assets/:name', (ctx) => {
    const asset = assets.get(ctx.params['name'] ?? '');
    if (asset === undefined) return;
    ctx.status = 200;
    ctx.set({ ETag: asset.etag, 'Cache-Control': 'no-cache' });
    ctx.type = asset.type;
    if (ctx.fresh) ctx.status = 304;
    else ctx.body = asset.body;
  });
}

function readAsset(name: string) {
  const body = readFileSync(join(directory, name));
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  return { body, etag, type: extname(name) };
}
