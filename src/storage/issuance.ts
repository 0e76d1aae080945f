/**
 * What a token request ends with: one statement that spends the code or refresh token and stores
 * what is issued for it, or does nothing at all.
 *
 * Everything hangs on the grant's row, which it takes first, and on the token that is spent. So of
 * two requests with one token the second finds it spent, and revocation and redemption wait for each
 * other: the grant that is gone has no successor, and the tokens of one that goes next go along.
 *
 * Source: RFC 6749 sections 4.1.2 (a code is used once) and 6; migrations/ (grants, tokens,
 * refresh_retries).
 *
 * @module
 */

import { type Db, statement } from './database.ts';

/** A token that is issued; its grant, its client and the consent's version are added to it. */
export interface IssuedToken {
  readonly id: Buffer;
  readonly scope: string;
  readonly payload: Record<string, unknown>;
  readonly lifetimeSeconds: number;
}

/** What is spent, and what is issued for it. */
export interface Issuance {
  /** SHA-256 of the code or refresh token. */
  readonly spent: Buffer;
  readonly grantId: string;
  readonly accessToken: IssuedToken;
  readonly refreshToken: IssuedToken | undefined;
  /** The answer, encrypted, for the client that repeats this request. */
  readonly retryAnswer: Buffer | undefined;
}

/**
 * The consent's version is read here: an entry that is not committed yet never counts for these
 * tokens. No token outlives its grant. A suspended account or client gets none.
 */
const issue = statement(`
  with held as (
    update grants g set last_used_at = now()
    from clients k, accounts a
    where g.id = $2 and g.expires_at > now()
      and k.id = g.client_id and k.status = 'active' and a.id = g.account_id and a.status = 'active'
    returning g.id, g.consent_id, g.account_id, g.client_id, g.created_at, g.expires_at),
  spent as (
    update tokens t set consumed_at = now()
    from held
    where t.id = $1 and t.grant_id = held.id and t.consumed_at is null and t.expires_at > now()
    returning t.id),
  issued as (
    insert into tokens (id, kind, grant_id, client_id, scope, payload, expires_at,
      consent_version, consent_id, account_id, granted_at)
    select n.id, n.kind, held.id, held.client_id, n.scope, n.payload,
      least(now() + make_interval(secs => n.seconds), held.expires_at),
      c.version, held.consent_id, held.account_id, held.created_at
    from spent cross join held
    join consents c on c.id = held.consent_id
    cross join (values
      ($3::bytea, 'AccessToken', $4::text, $5::jsonb, $6::float8),
      ($7::bytea, 'RefreshToken', $8::text, $9::jsonb, $10::float8)
    ) n (id, kind, scope, payload, seconds)
    where n.id is not null),
  kept as (
    insert into refresh_retries (token_id, answer)
    select spent.id, $11::bytea from spent where $11::bytea is not null)
  select from spent`);

/** @returns whether everything is stored; else nothing is. */
export async function issueTokens(db: Db, issuance: Issuance): Promise<boolean> {
  const { spent, grantId, accessToken, refreshToken, retryAnswer } = issuance;
  const rows = await db.query(issue, [
    spent,
    grantId,
    ...valuesOf(accessToken),
    ...valuesOf(refreshToken),
    retryAnswer ?? null,
  ]);
  return rows.length === 1;
}

function valuesOf(token: IssuedToken | undefined): unknown[] {
  if (token === undefined) return [null, null, null, null];
  return [token.id, token.scope, token.payload, token.lifetimeSeconds];
}
