/**
 * Turns every failure into an answer that says what happened and what to do next: a page, or JSON
 * for a program that prefers it. Inner detail (stack, SQL, message) goes to the log alone.
 *
 * @module
 */

import type Koa from 'koa';
import { DatabaseUnavailableError, TooBusyError } from '../../lib/errors.ts';
import type { Messages } from '../../lib/messages.ts';
import { errorText } from './error-texts.ts';
import { PageError, SignedOutError } from './page-error.ts';
import { type MessagesOf, type RenderPage, surroundingsOf } from './render-page.ts';

/** What the pages of errors are made with. */
export interface ErrorPageParts {
  readonly renderPage: RenderPage;
  readonly messagesOf: MessagesOf;
}

/** Writes a failure of ours to the log. @returns the id under which it is found there. */
export type Report = (ctx: Koa.Context, error: unknown) => string;

/** The fields of an OAuth error answer (RFC 6749 section 4.1.2.1). */
export interface OAuthError {
  readonly error: string;
  readonly error_description?: string | undefined;
}

/** What is answered; `what` and `next` are message keys. */
interface Answer {
  readonly status: number;
  readonly title?: string | undefined;
  readonly way?: { readonly href: string; readonly label: string } | undefined;
  readonly what?: string;
  readonly next?: string;
  readonly values?: Readonly<Record<string, string | number>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly requestId?: string;
}

const busy = {
  status: 503,
  what: 'error.busy-what',
  next: 'error.busy-next',
  headers: { 'Retry-After': '5' },
};

/** Catches what the middleware after it throws, and answers where nobody did (404, 405). */
export function errorPages(parts: ErrorPageParts, report: Report): Koa.Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      if (ctx.headerSent || ctx.respond === false) throw error;
      return answer(parts, ctx, toAnswer(ctx, error, report));
    }
    if (isUnanswered(ctx)) answer(parts, ctx, { status: ctx.status });
  };
}

/** What happened, where more can be said to somebody who only followed a link. */
const oauthTexts: ReadonlyMap<string, string> = new Map([
  ['invalid_client', 'error.oauth-invalid-client'],
  ['invalid_redirect_uri', 'error.oauth-invalid-redirect-uri'],
]);

/**
 * Shows an OAuth error that has no redirect URI to go to, with the status that is already set; for
 * the provider's `renderError`.
 */
export function renderOAuthError(
  { renderPage, messagesOf }: ErrorPageParts,
  ctx: Koa.Context,
  out: OAuthError,
): void {
  const isOurs = ctx.status >= 500;
  if (isOurs && forPrograms.test(ctx.path)) {
    ctx.body = out;
    return;
  }
  const t = messagesOf(ctx);
  const keys = isOurs ? errorText(ctx.status) : oauthText(out.error);
  renderPage(ctx, 'error', {
    title: t.text(keys.title),
    isNarrow: true,
    status: ctx.status,
    what: t.text(keys.what),
    next: t.text(keys.next),
    details: [
      { name: t.text('error.error'), value: out.error },
      ...(out.error_description
        ? [{ name: t.text('error.reason'), value: out.error_description }]
        : []),
    ],
  });
}

function oauthText(error: string) {
  return {
    title: 'error.oauth-title',
    what: oauthTexts.get(error) ?? 'error.oauth-what',
    next: 'error.oauth-next',
  };
}

function toAnswer(ctx: Koa.Context, error: unknown, report: Report): Answer {
  if (error instanceof PageError) return error;
  if (isUnavailable(error)) {
    return { status: 503, headers: { 'Retry-After': '5' }, requestId: report(ctx, error) };
  }
  if (error instanceof TooBusyError) return { ...busy, requestId: report(ctx, error) };
  const { status, expose } = error as { status?: number; expose?: boolean };
  if (expose === true && status !== undefined && status < 500) return { status };
  return { status: 500, requestId: report(ctx, error) };
}

/** The provider hands the error on inside one of its own. */
function isUnavailable(error: unknown): boolean {
  if (error instanceof DatabaseUnavailableError) return true;
  return error instanceof Error && error.cause instanceof DatabaseUnavailableError;
}

/** Whoever calls these is a program, whatever its `Accept` says. */
const forPrograms = /^\/(oauth\/(?!authorize)|\.well-known\/|access\/|api\/v1)/;

function isUnanswered(ctx: Koa.Context): boolean {
  return ctx.respond !== false && !ctx.headerSent && ctx.status >= 400 && ctx.body == null;
}

function answer({ renderPage, messagesOf }: ErrorPageParts, ctx: Koa.Context, shown: Answer): void {
  const keys = errorText(shown.status);
  ctx.status = shown.status;
  ctx.set({ 'Cache-Control': 'no-store', ...shown.headers });
  ctx.vary('Accept');
  const isForProgram = shown.status >= 500 && forPrograms.test(ctx.path);
  if (isForProgram || ctx.accepts('html', 'json') === 'json') {
    const id = shown.requestId === undefined ? {} : { request_id: shown.requestId };
    const { what, next } = textsOf(messagesOf.byDefault, shown);
    ctx.body = { error: keys.code, error_description: inAscii(`${what} ${next}`), ...id };
    return;
  }
  const t = messagesOf(ctx);
  const { what, next } = textsOf(t, shown);
  const details = shown.requestId
    ? [{ name: t.text('error.request'), value: shown.requestId }]
    : [];
  const { status, way } = shown;
  renderPage(ctx, 'error', {
    ...(shown instanceof SignedOutError ? {} : surroundingsOf(ctx)),
    title: t.text(shown.title ?? keys.title),
    isNarrow: true,
    status,
    what,
    next,
    details,
    way: way && { href: way.href, label: t.text(way.label) },
  });
}

function textsOf(t: Messages, { status, what, next, values }: Answer) {
  const keys = errorText(status);
  return { what: t.text(what ?? keys.what, values), next: t.text(next ?? keys.next, values) };
}

/** The characters of an `error_description` (RFC 6749 section 5.2). */
function inAscii(text: string): string {
  return text.replaceAll(/[‘’“”"\\]/g, "'").replaceAll(/[^ -~]/g, '?');
}
