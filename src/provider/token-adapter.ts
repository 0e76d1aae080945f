/**
 * Codes, access tokens and refresh tokens as the library sees them.
 *
 * At the token endpoint they come from what the request was begun with, and what the library does to
 * them is stored with its answer (token-request.ts).
 *
 * Source: RFC 6749 section 4.1.2 (a code is used once), RFC 9700 section 4.14.2 (refresh token reuse).
 *
 * @module
 */

import { type AdapterPayload, errors } from 'oidc-provider';
import { withEveryName } from '../catalogue/scope-set.ts';
import { secretPrefixes, sha256 } from '../lib/secrets.ts';
import type { Db } from '../storage/engine/database.ts';
import {
  findToken,
  insertCode,
  type StoredToken,
  type TokenKind,
} from '../storage/tokens/tokens.ts';
import { requestConfinedTo } from './existing-grant.ts';
import { requestAtHand } from './library-internals.ts';
import { localExpiry, type PartialAdapter, strip } from './payloads.ts';
import { expandRefreshScope } from './scope-parameter.ts';
import { isDuplicateOf, repeatRefresh } from './spent-tokens.ts';
import { currentRequest, type TokenRequest } from './token-request.ts';

const ownColumns = ['jti', 'exp', 'kind', 'consumed', 'grantId', 'clientId', 'scope'];

/** The library's operations on one kind of token. */
export function tokenAdapter(kind: TokenKind, db: Db): PartialAdapter {
  return {
    async find(value) {
      if (!value.startsWith(tokenPrefixes[kind])) return undefined;
      const request = currentRequest();
      if (request !== undefined) return presented(db, request, kind, value);
      const stored = await findToken(db, kind, sha256(value));
      return stored && toPayload(kind, value, stored);
    },

    async upsert(value, payload, lifetimeSeconds = 1) {
      const { grantId = '', clientId = '', scope = '' } = payload;
      const signIn = kind === 'AccessToken' ? signInOf(currentRequest()) : {};
      const rest = { ...strip(payload, ...ownColumns), ...signIn, ...confinedPart(kind) };
      const token = { id: sha256(value), scope, payload: rest, lifetimeSeconds };
      if (kind !== 'AuthorizationCode') {
        const { issued, narrowedTo } = requestOf(currentRequest());
        const isWider = kind === 'RefreshToken' && narrowedTo !== undefined;
        issued[kind] = isWider ? { ...token, payload: strip(rest, 'resource') } : token;
      } else if (!(await insertCode(db, { ...token, grantId, clientId }))) {
        throw new errors.InvalidGrant('the grant has ended');
      }
    },

    /** It is spent with what is issued for it, in one statement that finds out who was first. */
    async consume() {},

    /** The library destroys the grant of a token beside it, and the token goes along. */
    async destroy() {},
    async revokeByGrantId() {},
  };
}

/** What each kind of token begins with. */
export const tokenPrefixes = {
  AccessToken: secretPrefixes.accessToken,
  RefreshToken: secretPrefixes.refreshToken,
  AuthorizationCode: secretPrefixes.authorizationCode,
} as const;

function requestOf(request: TokenRequest | undefined): TokenRequest {
  if (request === undefined) throw new Error('a token is issued at the token endpoint alone');
  return request;
}

/**
 * The id of the one resource that a token is confined to, as it was when its user allowed it; or, for an
 * access token alone, when the token request named it.
 */
function confinedPart(kind: TokenKind): { readonly place?: unknown } {
  const request = currentRequest();
  const granted =
    request === undefined
      ? requestConfinedTo(requestAtHand())
      : request.redemption?.redeemed?.token.payload['place'];
  const place = granted ?? (kind === 'AccessToken' ? request?.narrowedTo?.confinedTo : undefined);
  return place === undefined ? {} : { place };
}

/**
 * The sign-in that the code or refresh token comes from: the library keeps it in those alone, and
 * introspection answers it for the access token (RFC 9470 section 6.2). A refresh makes it no younger.
 */
function signInOf(request: TokenRequest | undefined): Record<string, unknown> {
  const { authTime, acr } = request?.redemption?.redeemed?.token.payload ?? {};
  return { ...(authTime !== undefined && { authTime }), ...(acr !== undefined && { acr }) };
}

/** The code or refresh token of a token request, if it may still be redeemed or answered again. */
async function presented(
  db: Db,
  request: TokenRequest,
  kind: TokenKind,
  value: string,
): Promise<AdapterPayload | undefined> {
  const { redeemed } = request.redemption ?? {};
  if (redeemed === undefined || redeemed.kind !== kind || !redeemed.id.equals(sha256(value))) {
    return undefined;
  }
  const ctx = requestAtHand();
  const { token } = redeemed;
  if (kind === 'AuthorizationCode') {
    if (isDuplicateOf(token, ctx)) request.repetition = { kind: 'duplicate' };
    return { ...toPayload(kind, value, token), ...narrowing(request) };
  }
  if (token.spentSecondsAgo !== undefined) {
    const answer = await repeatRefresh(db, ctx, value, token, request.retrySeconds);
    if (answer === undefined) return undefined;
    request.repetition = { kind: 'retry', answer };
  }
  if (ctx.oidc.client?.clientId === token.clientId) expandRefreshScope(ctx, token.scope);
  return {
    ...toPayload(kind, value, { ...token, spentSecondsAgo: undefined }),
    ...narrowing(request),
  };
}

/** The library issues for what the code or refresh token names. */
function narrowing({ narrowedTo }: TokenRequest): { readonly resource?: string } {
  return narrowedTo === undefined ? {} : { resource: narrowedTo.audience };
}

/**
 * A spent code is handed to the library, which refuses it once it has checked the verifier; who does
 * not know that has not shown that the code was stolen, and ends nothing (draft OAuth 2.1, 4.1.3).
 */
function toPayload(kind: TokenKind, value: string, stored: StoredToken): AdapterPayload {
  return {
    ...stored.payload,
    kind,
    jti: value,
    exp: localExpiry(stored.remainingSeconds),
    grantId: stored.grantId,
    clientId: stored.clientId,
    scope: withEveryName(stored.scope),
    ...(stored.spentSecondsAgo === undefined ? {} : { consumed: 1 }),
  };
}
