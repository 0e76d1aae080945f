/**
 * The `tokens` table: authorization codes, access tokens and refresh tokens, by their SHA-256.
 *
 * What a token holds is in columns where Usher decides by it, and in `payload` where only
 * oidc-provider reads it. The database's clock decides expiry. What is issued for a code or refresh
 * token is stored by issuance.ts; a token ends with its grant.
 *
 * Source: migrations/20261122001400-tokens.ts.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** The kinds of token in the table. */
export type TokenKind = 'AccessToken' | 'RefreshToken' | 'AuthorizationCode';

/** A token as it is stored. */
export interface StoredToken {
  readonly grantId: string;
  readonly clientId: string;
  readonly scope: string;
  readonly payload: Record<string, unknown>;
  /** Whole seconds until it expires; at least 1. */
  readonly remainingSeconds: number;
  /** Seconds since it was spent; undefined while it can still be used. */
  readonly spentSecondsAgo: number | undefined;
}

/** A code to be stored; the consent's version at this moment is added to it. */
export interface NewCode {
  readonly id: Buffer;
  readonly grantId: string;
  readonly clientId: string;
  readonly scope: string;
  readonly payload: Record<string, unknown>;
  readonly lifetimeSeconds: number;
}

/** A row of `tokenColumns`. */
export interface TokenRow {
  grant_id: string;
  client_id: string;
  token_scope: string;
  payload: Record<string, unknown>;
  remaining: number;
  spent_ago: number | null;
}

/** What is selected of `tokens t` for a `TokenRow`. */
export const tokenColumns = `t.grant_id, t.client_id, t.scope as token_scope, t.payload,
  greatest(1, ceil(extract(epoch from t.expires_at - now())))::int as remaining,
  extract(epoch from now() - t.consumed_at)::float8 as spent_ago`;

/** Whether `tokens t` can be found: a spent code for a day, so that its replay is seen as one. */
export const isKnownToken = `(t.expires_at > now()
      or t.kind = 'AuthorizationCode' and t.consumed_at > now() - interval '1 day')`;

const select = statement(
  `select ${tokenColumns} from tokens t where t.id = $1 and t.kind = $2 and ${isKnownToken}`,
);
/** No code outlives its grant. */
const insert = statement(`
  insert into tokens (id, kind, grant_id, client_id, scope, payload, expires_at,
    consent_version, consent_id, account_id, granted_at)
  select $1, 'AuthorizationCode', g.id, $3, $4, $5,
    least(now() + make_interval(secs => $6), g.expires_at),
    c.version, g.consent_id, g.account_id, g.created_at
  from grants g join consents c on c.id = g.consent_id where g.id = $2
  returning grant_id`);
const isUnspent = statement(
  'select from tokens where id = $1 and consumed_at is null and expires_at > now()',
);

/** @returns the live or spent token; undefined when there is none, or it expired. */
export async function findToken(
  db: Db,
  kind: TokenKind,
  id: Buffer,
): Promise<StoredToken | undefined> {
  const [row] = await db.query<TokenRow>(select, [id, kind]);
  return row && toToken(row);
}

/** @returns whether the grant was still there to issue under. */
export async function insertCode(db: Db, code: NewCode): Promise<boolean> {
  const { id, grantId, clientId, scope, payload, lifetimeSeconds } = code;
  const values = [id, grantId, clientId, scope, payload, lifetimeSeconds];
  return (await db.query(insert, values)).length === 1;
}

/** Whether a token is there and was not spent. */
export async function isTokenUnspent(db: Db, id: Buffer): Promise<boolean> {
  return (await db.query(isUnspent, [id])).length === 1;
}

/** @returns the token that a row tells of. */
export function toToken(row: TokenRow): StoredToken {
  return {
    grantId: row.grant_id,
    clientId: row.client_id,
    scope: row.token_scope,
    payload: row.payload,
    remainingSeconds: row.remaining,
    spentSecondsAgo: row.spent_ago ?? undefined,
  };
}
