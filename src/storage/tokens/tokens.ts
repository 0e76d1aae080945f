/**
 * The `tokens` table: authorization codes, access tokens and refresh tokens, by their SHA-256.
 *
 * What a token holds is in columns where Usher decides by it, and in `payload` where only
 * oidc-provider reads it. The database's clock decides expiry. What is issued for a code or refresh
 * token is stored by issuance.ts; a token ends with its grant.
 *
 * Source: migrations/20261122001400-tokens.ts.
 *
 * The `grants` table: one authorization under a consent, on one device.
 *
 * Deleting a grant deletes its codes and tokens; a grant without a consent cannot be.
 *
 * Source: migrations/20261122001300-grants.ts.
 *
 * @module
 */

import { isAlive } from '../consents/consent-end.ts';
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

/** @returns the token of a row. */
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

/** A grant as it is stored. */
export interface StoredGrant {
  readonly accountId: string;
  readonly clientId: string;
  readonly payload: Record<string, unknown>;
  readonly remainingSeconds: number;
}

/** A grant to be stored under the live consent of its account and client. */
export interface NewGrant {
  readonly id: string;
  readonly accountId: string;
  readonly clientId: string;
  readonly payload: Record<string, unknown>;
  readonly lifetimeSeconds: number;
}

interface GrantRow {
  account_id: string;
  client_id: string;
  payload: Record<string, unknown>;
  remaining: number;
}

const selectGrant = statement(`
  select account_id, client_id, payload,
    ceil(extract(epoch from expires_at - now()))::int as remaining
  from grants where id = $1 and expires_at > now()`);
const insertGrantRow = statement(`
  insert into grants (id, consent_id, account_id, client_id, payload, expires_at)
  select $1, c.id, c.account_id, c.client_id, $4,
    least(now() + make_interval(secs => $5), c.expires_at)
  from consents c where c.account_id = $2 and c.client_id = $3 and ${isAlive('c')}
  returning id`);
const update = statement(`
  update grants set payload = $2 where id = $1 and expires_at > now() returning id`);
const remove = statement('delete from grants where id = $1');

/** @returns the grant; undefined when it was revoked, or expired. */
export async function findGrant(db: Db, id: string): Promise<StoredGrant | undefined> {
  const [row] = await db.query<GrantRow>(selectGrant, [id]);
  return (
    row && {
      accountId: row.account_id,
      clientId: row.client_id,
      payload: row.payload,
      remainingSeconds: row.remaining,
    }
  );
}

/** No grant outlives its consent. @returns whether there was a consent to store the grant under. */
export async function insertGrant(db: Db, grant: NewGrant): Promise<boolean> {
  const { id, accountId, clientId, payload, lifetimeSeconds } = grant;
  return (
    (await db.query(insertGrantRow, [id, accountId, clientId, payload, lifetimeSeconds])).length ===
    1
  );
}

/** Replaces what a grant holds. @returns false when there is none: what was revoked stays so. */
export async function updateGrant(
  db: Db,
  { id, payload }: Pick<NewGrant, 'id' | 'payload'>,
): Promise<boolean> {
  return (await db.query(update, [id, payload])).length === 1;
}

/** Ends a grant, and with it every code and token that was issued under it. */
export async function deleteGrant(db: Db, id: string): Promise<void> {
  await db.query(remove, [id]);
}
