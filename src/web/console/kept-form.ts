/**
 * Forms of the console that were sent after their session had ended, see page/kept-form.ts: which page each
 * of them is on.
 *
 * @module
 */

import type Koa from 'koa';
import { keptParameter, sealForm } from '../page/kept-form.ts';
import { SignedOutError } from '../page/page-error.ts';
import { seeOther } from '../page/page-parts.ts';
import type { ConsolePage, ConsoleParts, FormPage } from './console-page.ts';

/**
 * Leads to the sign-in, and on to the page of the form.
 *
 * @param base where the pages of the organization are; what the form says is kept below it.
 * @throws {SignedOutError} it is too long to be kept.
 */
export function keepForm(
  { consoleKey }: ConsoleParts,
  ctx: Koa.Context,
  {
    base,
    page,
    needs = [],
  }: {
    readonly base: string;
    readonly page: string;
    readonly needs?: readonly string[] | undefined;
  },
  fields: URLSearchParams,
): void {
  const sealed = sealForm(consoleKey, { path: ctx.path.slice(base.length), fields: [...fields] });
  if (sealed === undefined) throw new SignedOutError();
  const query = new URLSearchParams([...fields].filter(([name]) => needs.includes(name)));
  query.set(keptParameter, sealed);
  seeOther(ctx, `/sign-in?next=${encodeURIComponent(`${base}${page}?${query}`)}`);
}

/** @returns the path of the page that a form is on: the nearest one above it. */
export function pageOfForm(
  pages: readonly ConsolePage[],
  { path: form }: FormPage,
  path: string,
): string {
  const looks = new Set(pages.filter(({ method }) => method === 'GET').map((page) => page.path));
  const [pattern, parts] = [form.split('/'), path.split('/')];
  const lengths = pattern.map((_, n) => pattern.length - n);
  const length = lengths.find((count) =>
    [...looks].some((look) => look === pattern.slice(0, count).join('/')),
  );
  return parts.slice(0, length ?? 1).join('/');
}
