/**
 * Codes and tokens: single use is taken atomically, and reuse is told from a retry.
 *
 * At the token endpoint a code or refresh token is held together with its grant until the
 * transaction ends, so of 8 parallel redemptions one goes first and the others see what it did.
 *
 * Source: RFC 6749 section 4.1.2 (a code is used once), RFC 9700 section 4.14.2 (refresh token reuse).
 *
 * @module
 */

import { type AdapterPayload, errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { sha256 } from '../lib/secrets.ts';
import type { Db } from '../storage/database.ts';
import { deleteGrant } from '../storage/grants.ts';
import {
  deleteToken,
  deleteTokensOfGrant,
  findToken,
  holdToken,
  insertToken,
  type StoredToken,
  spendToken,
  type TokenKind,
} from '../storage/tokens.ts';
import { localExpiry, type PartialAdapter, strip } from './payloads.ts';
import { openRetryAnswer } from './refresh-retry.ts';
import { currentRequest, type TokenRequest } from './request-transaction.ts';
import { expandRefreshScope } from './scope-parameter.ts';

/** A second redemption this soon is a client that repeats itself; later it is a replay. */
const duplicateWindowSeconds = 30;

const ownColumns = ['jti', 'exp', 'kind', 'consumed', 'grantId', 'clientId', 'scope'];

/** The library's operations on one kind of token. */
export function tokenAdapter(kind: TokenKind, db: Db): PartialAdapter {
  return {
    async find(value) {
      if (!value.startsWith(prefixes[kind])) return undefined;
      const request = currentRequest();
      const stored = await (request ? holdToken : findToken)(db, kind, sha256(value));
      if (stored === undefined) return undefined;
      if (request && stored.heldGrant) {
        request.heldGrant = { id: stored.grantId, grant: stored.heldGrant };
      }
      const ctx = Provider.ctx as KoaContextWithOIDC | undefined;
      const isRedeemed = request !== undefined && ctx?.oidc.route === 'token';
      const redemption = isRedeemed ? { db, ctx, request, value, stored } : undefined;
      if (redemption && !(await redeem[kind](redemption))) return undefined;
      return toPayload(kind, value, stored, request?.retryAnswer !== undefined);
    },

    async upsert(value, payload, lifetimeSeconds = 1) {
      const { grantId = '', clientId = '', scope = '' } = payload;
      const id = sha256(value);
      const rest = strip(payload, ...ownColumns);
      const token = { id, kind, grantId, clientId, scope, payload: rest, lifetimeSeconds };
      if (!(await insertToken(db, token))) throw new errors.InvalidGrant('the grant has ended');
    },

    async consume(value) {
      if (currentRequest()?.retryAnswer !== undefined) return; // everything is rolled back anyway
      if (!(await spendToken(db, sha256(value)))) throw new errors.InvalidGrant('already used');
    },

    async destroy(value) {
      if (currentRequest()?.isDuplicate) return;
      await deleteToken(db, kind, sha256(value));
    },

    async revokeByGrantId(grantId) {
      const request = currentRequest();
      if (request?.isDuplicate) return;
      if (request) request.commitAnyway = true;
      await deleteTokensOfGrant(db, kind, grantId);
    },
  };
}

const prefixes = {
  AccessToken: 'usher_at_',
  RefreshToken: 'usher_rt_',
  AuthorizationCode: 'usher_ac_',
} as const;

/** A code or refresh token that is presented at the token endpoint. */
interface Redemption {
  readonly db: Db;
  readonly ctx: KoaContextWithOIDC;
  readonly request: TokenRequest;
  readonly value: string;
  readonly stored: StoredToken;
}

/** What a redemption means for each kind; false when there is nothing to redeem. */
const redeem: Record<TokenKind, (redemption: Redemption) => Promise<boolean>> = {
  AccessToken: async () => true,
  AuthorizationCode: redeemCode,
  RefreshToken: redeemRefreshToken,
};

/**
 * A spent code is handed to the library, which refuses it once it has checked the verifier; who does
 * not know that has not shown that the code was stolen, and ends nothing (draft OAuth 2.1, 4.1.3).
 */
async function redeemCode({ ctx, request, stored }: Redemption): Promise<boolean> {
  const { spentSecondsAgo, clientId } = stored;
  request.isDuplicate =
    spentSecondsAgo !== undefined &&
    spentSecondsAgo < duplicateWindowSeconds &&
    ctx.oidc.client?.clientId === clientId;
  return true;
}

/** A spent refresh token gets its answer again when this is a retry; any other use ends the grant. */
async function redeemRefreshToken(redemption: Redemption): Promise<boolean> {
  const { db, ctx, request, value, stored } = redemption;
  if (stored.spentSecondsAgo !== undefined) {
    request.retryAnswer = await openRetryAnswer(db, ctx, value, stored);
    if (request.retryAnswer === undefined) {
      request.commitAnyway = true;
      await deleteGrant(db, stored.grantId);
      return false;
    }
  }
  if (ctx.oidc.client?.clientId === stored.clientId) expandRefreshScope(ctx, stored.scope);
  return true;
}

function toPayload(
  kind: TokenKind,
  value: string,
  stored: StoredToken,
  isRetry: boolean,
): AdapterPayload {
  const isSpent = stored.spentSecondsAgo !== undefined && !isRetry;
  return {
    ...stored.payload,
    kind,
    jti: value,
    exp: localExpiry(stored.remainingSeconds),
    grantId: stored.grantId,
    clientId: stored.clientId,
    scope: stored.scope,
    ...(isSpent ? { consumed: 1 } : {}),
  };
}
