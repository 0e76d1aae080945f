/**
 * Reads what a form sent: `application/x-www-form-urlencoded`, strictly.
 *
 * Source: URL Standard section 5 (urlencoded), stricter: broken escapes are refused, not repaired.
 *
 * @module
 */

import type Koa from 'koa';
import { PageError } from './page-error.ts';

/** Room for a sign-in with an address to go on to. */
const usualBytes = 16 * 1024;

/** Room for a consent form with hundreds of boxes. */
export const manyBoxesBytes = 256 * 1024;
const maximumFields = 10_000;

/**
 * Reads the body of a form; a field that stands several times keeps all its values (`getAll`).
 *
 * @throws {PageError} 415 not a form, 413 too large, 400 not well formed.
 */
export async function readForm(
  ctx: Koa.Context,
  maximumBytes = usualBytes,
): Promise<URLSearchParams> {
  const isForm = ctx.is('application/x-www-form-urlencoded') && !ctx.get('Content-Encoding');
  if (!isForm) throw notAForm();
  const fields = (await readBody(ctx, maximumBytes)).split('&').filter((field) => field !== '');
  if (fields.length > maximumFields) throw tooLarge();
  return new URLSearchParams(fields.map(readField));
}

async function readBody(ctx: Koa.Context, maximumBytes: number): Promise<string> {
  if ((ctx.request.length ?? 0) > maximumBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  // The answer still needs the socket, so leaving the loop must not destroy the request.
  for await (const chunk of ctx.req.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > maximumBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function readField(field: string): [name: string, value: string] {
  const [name = '', ...rest] = field.split('=');
  return [decode(name), decode(rest.join('='))];
}

/** NUL is refused with the broken escapes: no text of ours may hold it, and PostgreSQL cannot. */
function decode(text: string): string {
  try {
    const decoded = decodeURIComponent(text.replaceAll('+', ' '));
    if (!decoded.includes('\0')) return decoded;
  } catch {}
  throw malformed();
}

function notAForm(): PageError {
  return new PageError(415, {
    what: 'error.form-type',
    next: 'error.form-type-next',
  });
}

/** The rest of the body stays unread, so the connection ends with the answer. */
function tooLarge(): PageError {
  return new PageError(413, {
    what: 'error.form-size',
    next: 'error.form-size-next',
    headers: { Connection: 'close' },
  });
}

function malformed(): PageError {
  return new PageError(400, {
    what: 'error.form-malformed',
    next: 'error.form-malformed-next',
  });
}
