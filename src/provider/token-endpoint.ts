/**
 * The token and revocation endpoints: what is done before and after the library.
 *
 * A token request is read once, when the library asks for the client, and stored once, when the
 * library's answer is there. In order:
 *
 * | the library calls | then we do |
 * |---|---|
 * | its body parser | parameters without a value are dropped (empty-parameters.ts) |
 * | `Client.find` | one read gives the client, its secrets and what is redeemed (client-adapter.ts); `resource` gets the spelling that was granted, or narrows what was granted without one (resource-parameter.ts) |
 * | `compareClientSecret` | the hash is compared with those that were read (client-secrets.ts) |
 * | `assertJwtClientAuthClaimsAndHeader` | the audience and the end of an assertion are checked (client-assertions.ts) |
 * | `ReplayDetection.unique` | the id of an assertion or a proof is recorded, in a statement of its own (replay-detection.ts) |
 * | `AuthorizationCode.find`, `RefreshToken.find` | from that read; a spent one makes the request a duplicate or a retry, or ends its grant (token-adapter.ts, spent-tokens.ts) |
 * | `Grant.find`, `findAccount` | from that read (grant-adapter.ts, configuration.ts) |
 * | `getResourceServerInfo` | the resource server is looked up (configuration.ts) |
 * | `Grant.destroy`, where a code was spent before | the grant ends, but not for a duplicate (grant-adapter.ts) |
 * | `consume` | nothing: it is spent with what is issued for it |
 * | `AccessToken.save`, `RefreshToken.save` | what is issued is kept in memory (token-adapter.ts) |
 * | `ClientCredentials.save` | it is stored at once (service-token-adapter.ts) |
 * | `IdToken.issue` | `at_hash` is added (access-token-hash.ts) |
 * | nothing more: its answer is there | one write spends and stores, or finds that another request was first, which decides the answer (below) |
 *
 * @module
 */

import type { KoaContextWithOIDC } from 'oidc-provider';
import { answerOAuthError, databaseUnavailable } from '../http/oauth-error.ts';
import { pickedResources, toDetails } from '../introspection/authorization-details.ts';
import { DatabaseUnavailableError } from '../lib/errors.ts';
import type { FlowRecord } from '../portal/flow-record.ts';
import type { Database } from '../storage/engine/database.ts';
import type { IssuedToken } from '../storage/tokens/issuance.ts';
import type { Redeemed } from '../storage/tokens/redemptions.ts';
import { deleteGrant } from '../storage/tokens/tokens.ts';
import { presentedIn } from './client-adapter.ts';
import { noteRevocation, noteTokenRequest } from './flow-events.ts';
import { refreshIdleSeconds } from './lifetimes.ts';
import { sealRetryAnswer } from './refresh-retry.ts';
import { explainTarget } from './resource-parameter.ts';
import { isDuplicateOf, repeatRefresh } from './spent-tokens.ts';
import { tokenBatches } from './token-batches.ts';
import { inTokenRequest, type TokenRequest } from './token-request.ts';

/**
 * @param retrySeconds how long after a refresh token was spent the same request gets the same answer.
 * @param note hears what became of each request.
 * @returns the middleware around the library's handlers.
 */
export function tokenEndpoint(database: Database, retrySeconds: number, note: FlowRecord['note']) {
  const batches = tokenBatches(database);
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    if (ctx.method !== 'POST') return next();
    if (ctx.path === '/oauth/revoke') {
      ctx.set('Cache-Control', 'no-store'); // the library forgets it
      await next();
      if (ctx.status === 200 && !ctx.body) ctx.body = {}; // some libraries fail on an empty text
      noteRevocation(note, ctx);
      return;
    }
    if (ctx.path !== '/oauth/token') return next();
    try {
      await inTokenRequest({ batches, retrySeconds }, async (request) => {
        await next();
        if (isGrantTypeUnregistered(ctx)) sayUnauthorizedClient(ctx);
        explainTarget(ctx, request);
        if (ctx.status === 200) await complete(database, ctx, request);
        noteTokenRequest(note, ctx, request);
      });
    } catch (error) {
      if (!(error instanceof DatabaseUnavailableError)) throw error;
      answerOAuthError(ctx, databaseUnavailable); // instead of an answer that may not be stored
    }
  };
}

/** Stores what the library has issued; an answer that cannot be stored is not given. */
async function complete(
  database: Database,
  ctx: KoaContextWithOIDC,
  request: TokenRequest,
): Promise<void> {
  const { batches, redemption, issued, repetition } = request;
  if (repetition.kind === 'retry') return repeat(ctx, repetition.answer);
  const { redeemed } = redemption ?? {};
  const { AccessToken: accessToken, RefreshToken: refreshToken } = issued;
  if (redeemed === undefined || accessToken === undefined) return; // a service client's is stored

  const details = toDetails(
    pickedResources(redeemed.entriesFor(accessToken.scope, confinedTo(accessToken))),
  );
  const body = ctx.body as Record<string, unknown>;
  if (details.length > 0) body['authorization_details'] = details;
  if (refreshToken !== undefined || redeemed.kind === 'RefreshToken') {
    Object.assign(body, expirationOf(redeemed));
  }
  const isStored = await batches.issue({
    spent: redeemed.id,
    grantId: redeemed.token.grantId,
    accessToken,
    refreshToken,
    retryAnswer: await sealedAnswer(ctx, redeemed),
    keptSeconds:
      redeemed.kind === 'RefreshToken' && refreshToken === undefined
        ? refreshIdleSeconds
        : undefined,
  });
  if (!isStored) await answerLoser(database, ctx, request);
}

function confinedTo({ payload: { place } }: IssuedToken): string | undefined {
  return typeof place === 'string' ? place : undefined;
}

/** When the refresh token ends if it is not used, and when the authorization does, in seconds. */
function expirationOf({ grant: { remainingSeconds } }: Redeemed) {
  return {
    refresh_token_timeout: Math.min(refreshIdleSeconds, remainingSeconds),
    authorization_expires_in: remainingSeconds,
  };
}

function sealedAnswer(ctx: KoaContextWithOIDC, { token }: Redeemed): Promise<Buffer> | undefined {
  const spent = ctx.oidc.entities.RotatedRefreshToken?.jti;
  return spent === undefined ? undefined : sealRetryAnswer(ctx, spent, token);
}

/**
 * Since the request was read, its code or refresh token was spent, or its grant, account or client
 * is over. It is looked at once more, and answered as if it had come just now.
 */
async function answerLoser(
  database: Database,
  ctx: KoaContextWithOIDC,
  { batches, retrySeconds }: TokenRequest,
): Promise<void> {
  const { client, params = {} } = ctx.oidc;
  const presented = presentedIn(ctx);
  const redemption = await batches.read({ clientId: client?.clientId ?? '', presented });
  const { redeemed } = redemption ?? {};
  if (redeemed?.token.spentSecondsAgo === undefined) return refuse(ctx);
  const value = String(params['refresh_token']);
  const answer = await answerAgain(database, ctx, redeemed, { value, retrySeconds });
  return answer === undefined ? refuse(ctx) : repeat(ctx, answer);
}

async function answerAgain(
  database: Database,
  ctx: KoaContextWithOIDC,
  { kind, token, account }: Redeemed,
  { value, retrySeconds }: { readonly value: string; readonly retrySeconds: number },
): Promise<string | undefined> {
  if (kind === 'RefreshToken') {
    const answer = await repeatRefresh(database, ctx, value, token, retrySeconds);
    return account === undefined ? undefined : answer;
  }
  if (!isDuplicateOf(token, ctx)) await deleteGrant(database, token.grantId);
  return undefined;
}

function repeat(ctx: KoaContextWithOIDC, answer: string): void {
  ctx.body = JSON.parse(answer);
}

function refuse(ctx: KoaContextWithOIDC): void {
  const description = 'grant request is invalid';
  answerOAuthError(ctx, { status: 400, error: 'invalid_grant', description });
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
  const body = ctx.body as { error: string; error_description?: string };
  if (body.error !== 'invalid_request') return;
  body.error = 'unauthorized_client';
  if (ctx.oidc.params?.['grant_type'] === 'client_credentials') body.error_description = whoMay;
}

const whoMay =
  'client_credentials is for service clients, which an operator of this server makes; ' +
  'applications use authorization_code';
