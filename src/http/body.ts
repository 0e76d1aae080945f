/**
 * The bytes of a request's body.
 *
 * @module
 */

import type { IncomingMessage } from 'node:http';
import type Koa from 'koa';

/** Whether the body is of this media type, and not compressed. */
export function isSentAs(ctx: Koa.Context, mediaType: string): boolean {
  return Boolean(ctx.is(mediaType)) && ctx.get('Content-Encoding') === '';
}

/**
 * Reads the body as it came.
 *
 * @returns undefined when it has more than `maxBytes`: the rest stays unread, so the connection has
 *   to end with the answer.
 */
export async function readBody(ctx: Koa.Context, maxBytes: number): Promise<Buffer | undefined> {
  if ((ctx.request.length ?? 0) > maxBytes) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  // The answer still needs the socket, so leaving the loop must not destroy the request.
  for await (const chunk of ctx.req.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Reads a body whose length is known, and stops just before its end, so that `req.unshift` can put it
 * back for another reader. `done` is not called when the client goes away.
 */
export function peekBody(req: IncomingMessage, length: number, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  let received = 0;
  const collect = (chunk: Buffer) => {
    chunks.push(chunk);
    received += chunk.length;
    if (received < length) return;
    req.pause();
    req.off('data', collect);
    done(chunks.length === 1 ? chunk : Buffer.concat(chunks));
  };
  req.on('data', collect);
  req.on('error', () => {}); // the client went away
}
