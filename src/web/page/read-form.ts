/**
 * Reads what a form of ours sent, and says in a page why it was not accepted.
 *
 * @module
 */

import type { IncomingMessage } from 'node:http';
import type Koa from 'koa';
import { isSentAs, readBody } from '../../http/body.ts';
import { formType, readFormFields } from '../../http/form-fields.ts';
import { PageError } from './page-error.ts';

/** Room for a sign-in with an address to go on to. */
const usualBytes = 16 * 1024;

/** Room for a consent form with hundreds of boxes. */
export const manyBoxesBytes = 256 * 1024;
const maximumFields = 10_000;

/**
 * Reads the body of a form; a field that is there several times keeps all its values (`getAll`).
 *
 * @throws {PageError} 415 not a form, 413 too large, 400 not well formed.
 */
export async function readForm(
  ctx: Koa.Context,
  maximumBytes = usualBytes,
): Promise<URLSearchParams> {
  if (!isSentAs(ctx, formType)) throw notAForm();
  const body = await readBody(ctx, maximumBytes);
  const fields = body === undefined ? 'too many' : readFormFields(body.toString(), maximumFields);
  if (fields === 'too many') throw tooLargeForm();
  if (fields === 'malformed') throw malformedForm();
  const read = new URLSearchParams(fields);
  forms.set(ctx.req, read);
  return read;
}

const forms = new WeakMap<IncomingMessage, URLSearchParams>();

/** @returns the form that the request at hand brought, once it was read. */
export function formThatWasRead(ctx: Koa.Context): URLSearchParams | undefined {
  return forms.get(ctx.req);
}

/** What came is of another type. */
export function notAForm(): PageError {
  return new PageError(415, {
    what: 'error.form-type',
    next: 'error.form-type-next',
  });
}

/** The rest of the body stays unread, so the connection ends with the answer. */
export function tooLargeForm(): PageError {
  return new PageError(413, {
    what: 'error.form-size',
    next: 'error.form-size-next',
    headers: { Connection: 'close' },
  });
}

/** What came cannot be read. */
export function malformedForm(): PageError {
  return new PageError(400, {
    what: 'error.form-malformed',
    next: 'error.form-malformed-next',
  });
}
