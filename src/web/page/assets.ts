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
import type Koa from 'koa';
import { strictRouter } from '../../lib/strict-router.ts';

/** The package's own bundle: the browser's part of the ceremonies. */
const webAuthnBundle = new URL(
  '../dist/bundle/index.umd.min.js',
  import.meta.resolve('@simplewebauthn/browser'),
);

const directory = join(import.meta.dirname, '../../../views/assets');

/**
 * `GET /assets/:name`, with a strong ETag that a browser asks about each time.
 *
 * @param styles rules that come after those of the stylesheet.
 */
export function assetRoutes(styles = ''): Router {
  const files = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isFile());
  const assets = new Map(
    files.map(({ name }) => [name, toAsset(extname(name), readFileSync(join(directory, name)))]),
  );
  assets.set('webauthn.js', toAsset('.js', readFileSync(webAuthnBundle)));
  assets.set('usher.css', toAsset('.css', Buffer.from(readStylesheet() + styles)));

  return strictRouter().get('/assets/:name', (ctx) => {
    const asset = assets.get(ctx.params['name'] ?? '');
    if (asset === undefined) return;
    sendAsset(ctx, asset);
  });
}

/** Answers with a file, or with 304 where the browser has it. */
export function sendAsset(ctx: Koa.Context, { body, etag, type }: Asset): void {
  ctx.status = 200;
  ctx.set({ ETag: etag, 'Cache-Control': 'no-cache' });
  ctx.type = type;
  if (ctx.fresh) ctx.status = 304;
  else ctx.body = body;
}

/** @returns the files of `views/assets/styles` as one, in the order of their names. */
export function readStylesheet(): string {
  const styles = join(directory, 'styles');
  const files = readdirSync(styles).sort();
  return files.map((file) => readFileSync(join(styles, file), 'utf8')).join('\n');
}

/** A file as it is sent; the type is a media type or the end of a name. */
export interface Asset {
  readonly body: Buffer;
  readonly etag: string;
  readonly type: string;
}

/** Gives a file its tag. */
export function toAsset(type: string, body: Buffer): Asset {
  return { body, etag: `"${createHash('sha256').update(body).digest('base64url')}"`, type };
}
