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
import { currentRequest } from './request-transaction.ts';
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
      const isSpent = stored.spentSecondsAgo !== undefined;
      const isReplay = isSpent && !(await toleratesReuse(kind, db, value, stored));
      return toPayload(kind, value, stored, isReplay);
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

/**
 * Whether this use of a spent code or refresh token is borne: a retry that gets the same answer, or
 * a duplicate redemption that is refused and ends nothing.
 */
async function toleratesReuse(
  kind: TokenKind,
  db: Db,
  value: string,
  stored: StoredToken,
): Promise<boolean> {
  const request = currentRequest();
  const ctx = Provider.ctx as KoaContextWithOIDC | undefined;
  if (request === undefined || ctx?.oidc.client?.clientId !== stored.clientId) return false;
  if (kind === 'RefreshToken') {
    request.retryAnswer = await openRetryAnswer(db, ctx, value, stored);
    return request.retryAnswer !== undefined;
  }
  request.isDuplicate = (stored.spentSecondsAgo ?? 0) < duplicateWindowSeconds;
  return false; // still refused, by the library, once it has checked the verifier
}

function toPayload(
  kind: TokenKind,
  value: string,
  stored: StoredToken,
  isReplay: boolean,
): AdapterPayload {
  const ctx = Provider.ctx as KoaContextWithOIDC | undefined;
  if (
    kind === 'RefreshToken' &&
    currentRequest() &&
    ctx?.oidc.client?.clientId === stored.clientId
  ) {
    expandRefreshScope(ctx, stored.scope);
  }
  return {
    ...stored.payload,
    kind,
    jti: value,
    exp: localExpiry(stored.remainingSeconds),
    grantId: stored.grantId,
    clientId: stored.clientId,
    scope: stored.scope,
    ...(isReplay ? { consumed: 1 } : {}),
  };
}
