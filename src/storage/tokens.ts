/**
 * The `tokens` table: authorization codes, access tokens and refresh tokens, by their SHA-256.
 *
 * What a token holds is in columns where Usher decides by it, and in `payload` where only
 * oidc-provider reads it. The database's clock decides expiry.
 *
 * Source: migrations/20261122001400-tokens.ts.
 *
 * @module
 */

import { type Db, statement } from './database.ts';
import type { StoredGrant } from './grants.ts';

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
  /** The grant that is held with it. */
  readonly heldGrant: StoredGrant | undefined;
  /** Seconds since it was spent; undefined while it can still be used. */
  readonly spentSecondsAgo: number | undefined;
}

/** A token to be stored; the consent's version at this moment is added to it. */
export interface NewToken {
  readonly id: Buffer;
  readonly kind: TokenKind;
  readonly grantId: string;
  readonly clientId: string;
  readonly scope: string;
  readonly payload: Record<string, unknown>;
  readonly lifetimeSeconds: number;
}

interface TokenRow {
  grant_id: string;
  client_id: string;
  scope: string;
  payload: Record<string, unknown>;
  remaining: number;
  spent_ago: number | null;
  account_id?: string;
  grant_payload?: Record<string, unknown>;
  grant_remaining?: number;
}

const columns = `t.grant_id, t.client_id, t.scope, t.payload,
  ceil(extract(epoch from t.expires_at - now()))::int as remaining,
  extract(epoch from now() - t.consumed_at)::float8 as spent_ago`;

const select = statement(
  `select ${columns} from tokens t where t.id = $1 and t.kind = $2 and t.expires_at > now()`,
);
/** The grant first, then the token, so that revocation and redemption wait for each other in one order. */
const selectHeld = statement(`
  with held as materialized (
    select g.id, g.payload, g.expires_at
    from grants g where g.id = (select grant_id from tokens where id = $1) and g.expires_at > now()
    for no key update of g)
  select ${columns}, t.account_id, held.payload as grant_payload,
    ceil(extract(epoch from held.expires_at - now()))::int as grant_remaining
  from tokens t join held on held.id = t.grant_id
  where t.id = $1 and t.kind = $2 and t.expires_at > now() for update of t`);
/**
 * The consent's version is read here: an entry that is not committed yet never counts for this token.
 * No token outlives its grant.
 */
const insert = statement(`
  with used as (
    update grants set last_used_at = now() where id = $3 and $2 = 'AccessToken')
  insert into tokens (id, kind, grant_id, client_id, scope, payload, expires_at,
    consent_version, consent_id, account_id, granted_at)
  select $1, $2, g.id, $4, $5, $6, least(now() + make_interval(secs => $7), g.expires_at),
    c.version, g.consent_id, g.account_id, g.created_at
  from grants g join consents c on c.id = g.consent_id where g.id = $3
  returning grant_id`);
/** A spent code stays known for a day, so that its replay is seen as one. */
const spend = statement(`
  update tokens set consumed_at = now(),
    expires_at = case kind when 'AuthorizationCode' then now() + interval '1 day' else expires_at end
  where id = $1 and consumed_at is null returning grant_id`);
const remove = statement('delete from tokens where id = $1 and kind = $2');
const removeOfGrant = statement('delete from tokens where grant_id = $1 and kind = $2');
const isUnspent = statement(
  'select from tokens where id = $1 and consumed_at is null and expires_at > now()',
);

/** @returns the live or spent token; undefined when there is none, or it expired. */
export async function findToken(db: Db, kind: TokenKind, id: Buffer) {
  const [row] = await db.query<TokenRow>(select, [id, kind]);
  return row && toToken(row);
}

/** As `findToken`, and holds the grant and the token until the transaction ends. */
export async function holdToken(db: Db, kind: TokenKind, id: Buffer) {
  const [row] = await db.query<TokenRow>(selectHeld, [id, kind]);
  return row && toToken(row);
}

/** @returns whether the grant was still there to issue under. */
export async function insertToken(db: Db, token: NewToken): Promise<boolean> {
  const { id, kind, grantId, clientId, scope, payload, lifetimeSeconds } = token;
  const values = [id, kind, grantId, clientId, scope, payload, lifetimeSeconds];
  return (await db.query(insert, values)).length === 1;
}

/** Takes a single-use token. @returns false when it was taken before, or is gone: issue nothing. */
export async function spendToken(db: Db, id: Buffer): Promise<boolean> {
  return (await db.query(spend, [id])).length === 1;
}

export async function deleteToken(db: Db, kind: TokenKind, id: Buffer): Promise<void> {
  await db.query(remove, [id, kind]);
}

/** Deletes the tokens of one kind that were issued under a grant. */
export async function deleteTokensOfGrant(db: Db, kind: TokenKind, grantId: string): Promise<void> {
  await db.query(removeOfGrant, [grantId, kind]);
}

/** Whether a token is there and was not spent. */
export async function isTokenUnspent(db: Db, id: Buffer): Promise<boolean> {
  return (await db.query(isUnspent, [id])).length === 1;
}

function toToken(row: TokenRow): StoredToken {
  return {
    grantId: row.grant_id,
    clientId: row.client_id,
    scope: row.scope,
    payload: row.payload,
    remainingSeconds: row.remaining,
    heldGrant: toHeldGrant(row),
    spentSecondsAgo: row.spent_ago ?? undefined,
  };
}

function toHeldGrant(row: TokenRow): StoredGrant | undefined {
  const { account_id: accountId, grant_payload: payload, grant_remaining: remainingSeconds } = row;
  if (accountId === undefined || payload === undefined || remainingSeconds === undefined) {
    return undefined;
  }
  return { accountId, clientId: row.client_id, payload, remainingSeconds };
}
