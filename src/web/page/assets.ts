/**
 * Serves the files of `views/assets`, read once at the start: an address is looked up by its whole
 * name, so no path can lead out of the directory. `usher.css` is put together from its parts.
 *
 * @module
 */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type Router from '@koa/router';
import { strictRouter } from '../../lib/strict-router.ts';

const directory = join(import.meta.dirname, '../../../views/assets');

/** `GET /assets/:name`, with a strong ETag that a browser asks about each time. */
export function assetRoutes(): Router {
  const files = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isFile());
  const assets = new Map(
    files.map(({ name }) => [name, toAsset(name, readFileSync(join(directory, name)))]),
  );
  assets.set('usher.css', toAsset('usher.css', Buffer.from(readStylesheet())));

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

/** @returns the files of `views/assets/styles` as one, in the order of their names. */
export function readStylesheet(): string {
  const styles = join(directory, 'styles');
  const files = readdirSync(styles).sort();
  return files.map((file) => readFileSync(join(styles, file), 'utf8')).join('\n');
}

function toAsset(name: string, body: Buffer) {
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  return { body, etag, type: extname(name) };
}
