/**
 * Compresses a page that may be long, for a browser that accepts it.
 *
 * What is compressed beside something secret can give it away by its length (BREACH). On our pages the
 * one secret is the form's token, and every answer has another one (form-token.ts), so there is nothing
 * to guess twice. What is left are names, which an application may share a page with: each answer gets
 * a comment of random length, so that lengths do not compare.
 *
 * Source: Gluck, Harris and Prado, "BREACH" (2013); RFC 9110 section 8.4.1.3 (gzip).
 *
 * @module
 */

import { randomBytes, randomInt } from 'node:crypto';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGzip, gzip } from 'node:zlib';
import type Koa from 'koa';

const compress = promisify(gzip);

/** Shorter pages gain nothing. */
const leastCharacters = 1024;
const mostPadding = 64;

/** Compresses the body of an answer that has just been made; a string or a stream of text. */
export async function compressed(ctx: Koa.Context): Promise<void> {
  const { body, type } = ctx;
  const isLong =
    body instanceof Readable || (typeof body === 'string' && body.length >= leastCharacters);
  if (!isLong) return;
  ctx.vary('Accept-Encoding');
  if (ctx.acceptsEncodings('gzip', 'identity') !== 'gzip') return;
  ctx.set('Content-Encoding', 'gzip');
  ctx.body =
    typeof body === 'string'
      ? await compress(body + padding())
      : body.pipe(createGzip()).on('close', () => body.destroy());
  ctx.type = type;
}

/** Random digits do not compress, so the length differs from answer to answer. */
function padding(): string {
  return `<!--${randomBytes(randomInt(mostPadding)).toString('hex')}-->`;
}
