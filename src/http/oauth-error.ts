/**
 * Errors as programs get them from OAuth endpoints: JSON with `error` and `error_description`.
 *
 * Source: RFC 6749 section 5.2; RFC 9110 section 15.6.4 (503 and `Retry-After`).
 *
 * @module
 */

import type Koa from 'koa';

/** An error, and how it is answered. */
export interface OAuthError {
  readonly status: number;
  readonly error: string;
  readonly description: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Whether a change was stored cannot be known when the database is lost on the way. */
export const databaseUnavailable = {
  status: 503,
  error: 'temporarily_unavailable',
  description: 'the database cannot be reached, try again',
  headers: { 'Retry-After': '2' },
} as const satisfies OAuthError;

/** The credentials are wrong, or nobody's. */
export const invalidClient = {
  status: 401,
  error: 'invalid_client',
  description: 'client authentication failed',
} as const satisfies OAuthError;

/** A failure of ours; the library says it in the same words. */
export const serverError = {
  status: 500,
  error: 'server_error',
  description: 'oops! something went wrong',
} as const satisfies OAuthError;

/** The body of the answer. */
export function errorBody({ error, description }: Pick<OAuthError, 'error' | 'description'>) {
  return { error, error_description: description };
}

/** Answers with the error. */
export function answerOAuthError(ctx: Koa.Context, error: OAuthError): void {
  ctx.status = error.status;
  ctx.set({ ...error.headers });
  ctx.body = errorBody(error);
}
