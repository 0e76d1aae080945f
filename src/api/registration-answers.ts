/**
 * What the client registration and client configuration endpoints answer, in the words of the RFCs.
 *
 * Source: RFC 7591 section 3.2, RFC 7592 section 3, RFC 6750 section 3 (challenges).
 *
 * @module
 */

import type Koa from 'koa';
import { printMetadata } from '../applications/metadata-mapping.ts';
import type { IssuedRegistration } from '../applications/registration-credentials.ts';
import { answerOAuthError } from '../http/oauth-error.ts';

/**
 * Prints a registration (RFC 7591 section 3.2.1, RFC 7592 section 3). The only answer that carries a
 * secret and a registration access token; both come from the caller, who has them only just then.
 */
export function printRegistration(
  { client, secret, token }: IssuedRegistration,
  issuer: string,
): Record<string, unknown> {
  return {
    client_id: client.id,
    client_id_issued_at: Math.floor(client.createdAt.getTime() / 1000),
    ...(secret === undefined ? {} : { client_secret: secret, client_secret_expires_at: 0 }),
    registration_client_uri: `${issuer}/oauth/register/${client.id}`,
    registration_access_token: token,
    ...printMetadata(client),
  };
}

/** RFC 7591 section 3.2.2. */
export function answerError(
  ctx: Koa.Context,
  status: number,
  { error, description }: { readonly error: string; readonly description: string },
): void {
  answerOAuthError(ctx, { status, error, description });
}

/** RFC 7592 section 2.1: one answer for a wrong token and for a client that is not there. */
export function answerUnauthorized(ctx: Koa.Context, hasToken: boolean): void {
  ctx.set('WWW-Authenticate', hasToken ? 'Bearer error="invalid_token"' : 'Bearer');
  answerError(ctx, 401, {
    error: 'invalid_token',
    description: 'the registration access token is not one of this client',
  });
}

/** RFC 7592 section 2.1: a client that may not see or change its registration. */
export function answerSuspended(ctx: Koa.Context): void {
  answerError(ctx, 403, {
    error: 'access_denied',
    description: 'the application is suspended; its operators know why',
  });
}

/** RFC 7592 section 2.1, too: several registered the same, and none of them changes it for the others. */
export function answerShared(ctx: Koa.Context): void {
  answerError(ctx, 403, {
    error: 'access_denied',
    description:
      'others registered the same application from this network; to change it, register anew',
  });
}

/** RFC 6585 section 4. */
export function answerThrottled(ctx: Koa.Context, retryAfterSeconds: number): void {
  ctx.set('Retry-After', String(retryAfterSeconds));
  answerError(ctx, 429, {
    error: 'temporarily_unavailable',
    description: 'too many registrations from this network; try again later',
  });
}
