/**
 * The token and revocation endpoints: one transaction a request, and what is added to its answer.
 *
 * @module
 */

import type { KoaContextWithOIDC } from 'oidc-provider';
import { authorizationDetailsOf } from '../introspection/authorization-details.ts';
import { DatabaseUnavailableError } from '../lib/errors.ts';
import { sha256 } from '../lib/secrets.ts';
import type { Database } from '../storage/database.ts';
import { sealRetryAnswer } from './refresh-retry.ts';
import { inTokenRequest, type TokenRequest } from './request-transaction.ts';

const paths = new Set(['/oauth/token', '/oauth/revoke']);

/** @returns the middleware that runs the library's handlers inside a transaction. */
export function tokenEndpoint(database: Database) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    if (ctx.method !== 'POST' || !paths.has(ctx.path)) return next();
    ctx.set('Cache-Control', 'no-store'); // the library forgets it at revocation
    try {
      await inTokenRequest(database, async (request) => {
        await next();
        if (isGrantTypeUnregistered(ctx)) sayUnauthorizedClient(ctx);
        if (ctx.status !== 200) return false;
        if (ctx.path === '/oauth/token') await complete(ctx, request);
        return true;
      });
    } catch (error) {
      if (!(error instanceof DatabaseUnavailableError)) throw error;
      answerUnavailable(ctx);
    }
  };
}

async function complete(ctx: KoaContextWithOIDC, { db, retryAnswer }: TokenRequest): Promise<void> {
  if (retryAnswer !== undefined) {
    ctx.body = JSON.parse(retryAnswer);
    return;
  }
  const body = ctx.body as { access_token: string; authorization_details?: unknown };
  const details = await authorizationDetailsOf(db, sha256(body.access_token));
  if (details.length > 0) body.authorization_details = details;

  const spent = ctx.oidc.entities.RotatedRefreshToken?.jti;
  if (spent !== undefined) await sealRetryAnswer(db, ctx, spent);
}

/** The library calls it `invalid_request`; RFC 6749 section 5.2 has a word of its own. */
function isGrantTypeUnregistered({ status, path, oidc }: KoaContextWithOIDC): boolean {
  const { client, params } = oidc;
  const grantType = params?.['grant_type'];
  return (
    status === 400 &&
    path === '/oauth/token' &&
    typeof grantType === 'string' &&
    client?.grantTypeAllowed(grantType) === false
  );
}

function sayUnauthorizedClient(ctx: KoaContextWithOIDC): void {
  const body = ctx.body as { error: string };
  if (body.error === 'invalid_request') body.error = 'unauthorized_client';
}

/** The commit failed, so nothing of the answer that stands there is true. */
function answerUnavailable(ctx: KoaContextWithOIDC): void {
  ctx.status = 503;
  ctx.body = {
    error: 'temporarily_unavailable',
    error_description: 'the database cannot be reached, try again',
  };
}
