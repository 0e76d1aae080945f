/**
 * Reads what a program sent: one JSON text in UTF-8.
 *
 * Source: RFC 8259 (JSON), RFC 9110 section 15.5.16 (415).
 *
 * @module
 */

import type Koa from 'koa';
import { isSentAs, readBody } from './body.ts';

/** What came in: anything that JSON can say, or why it was not read. */
export type ReadJson = { readonly outcome: 'read'; readonly input: unknown } | RefusedBody;

/** What came in, not yet looked at. */
export type ReadBody = { readonly outcome: 'read'; readonly body: Buffer } | RefusedBody;

/** Why it was not read. */
interface RefusedBody {
  readonly outcome: 'refused';
  readonly status: 400 | 415;
  readonly reason: string;
  /** Whether there was too much of it. */
  readonly isTooLarge?: boolean;
}

/** Reads the body of a request, up to `maxBytes`. */
export async function readJson(ctx: Koa.Context, maxBytes: number): Promise<ReadJson> {
  const read = await readJsonBody(ctx, maxBytes);
  return read.outcome === 'read' ? parseJson(read.body) : read;
}

/** As `readJson`, for `parseJson` to look at. */
export async function readJsonBody(ctx: Koa.Context, maxBytes: number): Promise<ReadBody> {
  if (!isSentAs(ctx, 'application/json')) {
    return refused(415, 'the body must be application/json, without a Content-Encoding');
  }
  const body = await readBody(ctx, maxBytes);
  if (body === undefined) {
    ctx.set('Connection', 'close'); // the rest of the body stays unread
    const reason = `the body must have at most ${maxBytes} bytes`;
    return { outcome: 'refused', status: 400, reason, isTooLarge: true };
  }
  return { outcome: 'read', body };
}

/** @returns what the body says. */
export function parseJson(body: Buffer): ReadJson {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    return { outcome: 'read', input: JSON.parse(text) };
  } catch {
    return refused(400, 'the body must be JSON in UTF-8');
  }
}

function refused(status: 400 | 415, reason: string): RefusedBody {
  return { outcome: 'refused', status, reason };
}
