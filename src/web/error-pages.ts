/**
 * Turns every failure into an answer that says what happened and what to do next: a page, or JSON
 * for a program that prefers it. Inner detail (stack, SQL, message) goes to the log alone.
 *
 * @module
 */

import type Koa from 'koa';
import { DatabaseUnavailableError, TooBusyError } from '../lib/errors.ts';
import { errorText } from './error-texts.ts';
import { PageError } from './page-error.ts';
import type { RenderPage } from './render-page.ts';

/** Writes a failure of ours to the log. @returns the id under which it is found there. */
export type Report = (ctx: Koa.Context, error: unknown) => string;

/** The members of an OAuth error answer (RFC 6749 section 4.1.2.1). */
export interface OAuthError {
  readonly error: string;
  readonly error_description?: string | undefined;
}

interface Told {
  readonly status: number;
  readonly what?: string;
  readonly next?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly requestId?: string;
}

const busy = {
  status: 503,
  what: 'This server has more to do than it can just now.',
  next: 'Nothing is lost. Try again in a few seconds.',
  headers: { 'Retry-After': '5' },
};

/** Catches what the middleware after it throws, and answers where nobody did (404, 405). */
export function errorPages(renderPage: RenderPage, report: Report): Koa.Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      if (ctx.headerSent || ctx.respond === false) throw error;
      return answer(ctx, renderPage, tell(ctx, error, report));
    }
    if (isUnanswered(ctx)) answer(ctx, renderPage, { status: ctx.status });
  };
}

/** What happened, where more can be said to somebody who only followed a link. */
const oauthWords: ReadonlyMap<string, string> = new Map([
  ['invalid_client', 'The application that sent you here is not known to this server.'],
  [
    'invalid_redirect_uri',
    'The application wants you to be sent on to an address that it has not registered here. It could be anybody’s, so you stay here.',
  ],
]);

/**
 * Shows an OAuth error that has no redirect URI to go to, with the status that is already set; for
 * the provider's `renderError`.
 */
export function renderOAuthError(renderPage: RenderPage, ctx: Koa.Context, out: OAuthError): void {
  const isOurs = ctx.status >= 500;
  if (isOurs && forPrograms.test(ctx.path)) {
    ctx.body = out;
    return;
  }
  renderPage(ctx, 'error', {
    title: isOurs ? errorText(ctx.status).title : 'This request cannot go on',
    status: ctx.status,
    what: isOurs
      ? errorText(ctx.status).what
      : (oauthWords.get(out.error) ??
        'An application sent you here with a request that cannot be followed.'),
    next: isOurs
      ? errorText(ctx.status).next
      : 'Go back to the application and start again. If that does not help, tell the people who made it what is written below.',
    details: [
      { name: 'Error', value: out.error },
      ...(out.error_description ? [{ name: 'Reason', value: out.error_description }] : []),
    ],
  });
}

function tell(ctx: Koa.Context, error: unknown, report: Report): Told {
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

function answer(ctx: Koa.Context, renderPage: RenderPage, told: Told): void {
  const text = { ...errorText(told.status) };
  const what = told.what ?? text.what;
  const next = told.next ?? text.next;
  ctx.status = told.status;
  ctx.set({ 'Cache-Control': 'no-store', ...told.headers });
  ctx.vary('Accept');
  const isForProgram = told.status >= 500 && forPrograms.test(ctx.path);
  if (isForProgram || ctx.accepts('html', 'json') === 'json') {
    const id = told.requestId === undefined ? {} : { request_id: told.requestId };
    ctx.body = { error: text.code, error_description: `${what} ${next}`, ...id };
    return;
  }
  const details = told.requestId ? [{ name: 'Request', value: told.requestId }] : [];
  renderPage(ctx, 'error', { title: text.title, status: told.status, what, next, details });
}
