/**
 * The character NUL, which no text of ours holds and the database takes in none: a page that is asked for with
 * it, or sent it, says so before anything is looked up.
 *
 * @module
 */

import type Koa from 'koa';
import { PageError } from './page-error.ts';

/** @throws {PageError} 400: it is in the address, or in a field. */
export function refuseNul(ctx: Koa.Context, fields?: URLSearchParams): void {
  const isSent = fields !== undefined && Array.from(fields.values()).join('').includes('\0');
  if (!isSent && !ctx.url.includes('%00')) return;
  throw new PageError(400, { what: 'error.form-malformed', next: 'error.form-malformed-next' });
}
