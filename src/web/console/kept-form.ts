/**
 * A form that was sent after its session had ended: what was typed goes along to the sign-in, sealed, and
 * waits on the page that the form stands on.
 *
 *   POST, nobody signed in -> sign in -> the page, with what was typed and a button that sends it again
 *
 * The form's own token says for which account, and in which browser, it was shown: nobody else gets it.
 *
 * @module
 */

import type Koa from 'koa';
import { WrongKeyError } from '../../lib/errors.ts';
import { open, seal } from '../../lib/key-wrapping.ts';
import { PageError, SignedOutError } from '../page/page-error.ts';
import { seeOther } from '../page/page-parts.ts';
import type { ConsolePage, ConsoleParts, ConsoleRequest, FormPage } from './console-page.ts';

/** Longer ones would not fit in an address. */
const mostCharacters = 5_000;
const keptMs = 60 * 60 * 1000;
const context = 'kept form';

interface Kept {
  /** Below the organization. */
  readonly path: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly at: number;
}

/**
 * Leads to the sign-in, and on to the page of the form.
 *
 * @param base where the pages of the organization are.
 * @throws {SignedOutError} it is too long to be kept.
 */
export function keepForm(
  { consoleKey }: ConsoleParts,
  ctx: Koa.Context,
  { base, page }: { readonly base: string; readonly page: string },
  fields: URLSearchParams,
): void {
  const kept: Kept = { path: ctx.path.slice(base.length), fields: [...fields], at: Date.now() };
  const text = JSON.stringify(kept);
  if (text.length > mostCharacters) throw new SignedOutError();
  const sealed = seal(consoleKey, Buffer.from(text), context).toString('base64url');
  seeOther(ctx, `/sign-in?next=${encodeURIComponent(`${base}${page}?kept=${sealed}`)}`);
}

/** @returns the path of the page that a form stands on: the nearest one above it. */
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

/** What is for the form alone. */
const unseen = new Set(['token', 'seen', 'back']);

/** @returns what this person typed before they were signed out; undefined where there is nothing of theirs. */
export function readKept(
  parts: ConsoleParts,
  request: ConsoleRequest,
  purposeOf: (path: string) => string,
  form: (path: string) => { readonly action: string; readonly token: string },
) {
  const kept = opened(parts, request);
  if (kept === undefined) return undefined;
  const token = kept.fields.find(([name]) => name === 'token')?.[1] ?? null;
  const binding = { purpose: purposeOf(kept.path), accountId: request.signedIn.account.id };
  try {
    parts.formTokens.check(request.ctx, binding, token);
  } catch (error) {
    if (error instanceof PageError) return undefined;
    throw error;
  }
  return {
    ...form(kept.path),
    hidden: Object.fromEntries(kept.fields.filter(([name]) => name !== 'token')),
    typed: kept.fields.flatMap(([name, value]) =>
      unseen.has(name) || value === '' ? [] : [value.slice(0, 300)],
    ),
  };
}

function opened({ consoleKey }: ConsoleParts, { ctx }: ConsoleRequest): Kept | undefined {
  const sealed = ctx.URL.searchParams.get('kept');
  if (sealed === null) return undefined;
  try {
    const text = open(consoleKey, Buffer.from(sealed, 'base64url'), context).toString();
    const kept = JSON.parse(text) as Kept;
    return Date.now() - kept.at < keptMs ? kept : undefined;
  } catch (error) {
    if (error instanceof WrongKeyError) return undefined;
    throw error;
  }
}
