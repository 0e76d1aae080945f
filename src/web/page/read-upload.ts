/**
 * Reads a form of ours that brings a file (multipart/form-data), by Node's own parser, once its size is
 * bounded. The names and types that a browser gives files are not looked at.
 *
 * Source: RFC 7578.
 *
 * @module
 */

import type Koa from 'koa';
import { isSentAs, readBody } from '../../http/body.ts';
import { malformedForm, notAForm, tooLargeForm } from './read-form.ts';

/** What was sent. */
export interface Upload {
  /** @returns the first value of that name, of a field that is no file. */
  readonly get: (name: string) => string | undefined;
  /** Empty where none was chosen. */
  readonly file: Buffer;
}

/** Room for what frames the file, and for the other fields. */
const otherBytes = 16 * 1024;

/**
 * @param name of the field of the file.
 * @param mostBytes how large the file may be; of a larger one the form is refused before it is read.
 * @throws {PageError} 415 not such a form, 413 too large, 400 not well formed.
 */
export async function readUpload(
  ctx: Koa.Context,
  name: string,
  mostBytes: number,
): Promise<Upload> {
  if (!isSentAs(ctx, 'multipart/form-data')) throw notAForm();
  const body = await readBody(ctx, mostBytes + otherBytes);
  if (body === undefined) throw tooLargeForm();
  const form = await parse(body, ctx.get('Content-Type'));
  const file = form.get(name);
  return {
    get: (field) => {
      const value = form.get(field);
      return typeof value === 'string' && !value.includes('\0') ? value : undefined;
    },
    file: file instanceof Blob ? Buffer.from(await file.arrayBuffer()) : Buffer.alloc(0),
  };
}

async function parse(body: Buffer, type: string): Promise<FormData> {
  try {
    const headers = { 'Content-Type': type };
    return await new Response(new Uint8Array(body), { headers }).formData();
  } catch {
    throw malformedForm();
  }
}
