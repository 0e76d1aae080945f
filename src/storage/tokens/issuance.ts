/**
 * What token requests end with: one statement that spends their codes and refresh tokens and stores
 * what is issued for them; for each request everything, or nothing at all.
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

import { byteaArray, jsonbArray, textArray } from '../engine/binary-arrays.ts';
import { type Db, type Statement, statement } from '../engine/database.ts';

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
  /** Seconds that a refresh token lives on which is not spent, but kept; undefined spends it. */
  readonly keptSeconds?: number | undefined;
}

/**
 * The consent's version is read here: an entry that is not committed yet never counts for these
 * tokens. No token outlives its grant. A suspended account or client gets none.
 *
 * @param wait what becomes of a grant that another transaction holds.
 */
const issue = (wait: '' | 'skip locked') =>
  statement(`
  with asked as (
    select * from unnest((select $1::bytea[]), (select $2::text[]),
      (select $3::bytea[]), (select $4::text[]), (select $5::jsonb[]), (select $6::float8[]),
      (select $7::bytea[]), (select $8::text[]), (select $9::jsonb[]), (select $10::float8[]),
      (select $11::bytea[]), (select $12::float8[])) with ordinality
    as q (token_id, grant_id, access_id, access_scope, access_payload, access_seconds,
      refresh_id, refresh_scope, refresh_payload, refresh_seconds, retry_answer, kept_seconds, position)),
  held as (
    select asked.*, g.consent_id, g.account_id, g.client_id, g.created_at, g.expires_at
    from asked
    join grants g on g.id = asked.grant_id and g.expires_at > now()
    join clients k on k.id = g.client_id and k.status = 'active'
    join accounts a on a.id = g.account_id and a.status = 'active'
    for no key update of g ${wait}),
  spent as (
    update tokens t set
      consumed_at = case when held.kept_seconds is null then now() end,
      expires_at = case when held.kept_seconds is null then t.expires_at
        else least(now() + make_interval(secs => held.kept_seconds), held.expires_at) end
    from held
    where t.id = held.token_id and t.grant_id = held.grant_id
      and t.consumed_at is null and t.expires_at > now()
    returning held.*),
  used as (
    update grants g set last_used_at = now() from spent where g.id = spent.grant_id),
  issued as (
    insert into tokens (id, kind, grant_id, client_id, scope, payload, expires_at,
      consent_version, consent_id, account_id, granted_at, confined_to)
    select n.id, n.kind, s.grant_id, s.client_id, n.scope, n.payload,
      least(now() + make_interval(secs => n.seconds), s.expires_at),
      c.version, s.consent_id, s.account_id, s.created_at, (n.payload ->> 'place')::uuid
    from spent s
    join consents c on c.id = s.consent_id
    cross join lateral (values
      (s.access_id, 'AccessToken', s.access_scope, s.access_payload, s.access_seconds),
      (s.refresh_id, 'RefreshToken', s.refresh_scope, s.refresh_payload, s.refresh_seconds)
    ) n (id, kind, scope, payload, seconds)
    where n.id is not null),
  kept as (
    insert into refresh_retries (token_id, answer)
    select token_id, retry_answer from spent where retry_answer is not null)
  select position::int as position from spent`);

const issueWaiting = issue('');
const issueUnheld = issue('skip locked');

/**
 * Issues for many requests at once. It waits for nobody: a request whose grant another transaction
 * holds is left out, for `issueAfterOthers`.
 *
 * @returns for each, in the same order, whether everything is stored; else nothing of it is.
 */
export function issueTokens(db: Db, all: readonly Issuance[]): Promise<boolean[]> {
  return storedBy(issueUnheld, db, all);
}

/** As `issueTokens`, for one request; it waits until no other transaction holds the grant. */
export async function issueAfterOthers(db: Db, issuance: Issuance): Promise<boolean> {
  const [isStored] = await storedBy(issueWaiting, db, [issuance]);
  return isStored === true;
}

async function storedBy(issuing: Statement, db: Db, all: readonly Issuance[]): Promise<boolean[]> {
  const rows = await db.query<{ position: number }>(issuing, [
    byteaArray(all.map(({ spent }) => spent)),
    textArray(all.map(({ grantId }) => grantId)),
    ...columnsOf(all.map(({ accessToken }) => accessToken)),
    ...columnsOf(all.map(({ refreshToken }) => refreshToken)),
    byteaArray(all.map(({ retryAnswer }) => retryAnswer ?? null)),
    all.map(({ keptSeconds }) => keptSeconds ?? null),
  ]);
  const stored = new Set(rows.map(({ position }) => position));
  return all.map((_, index) => stored.has(index + 1));
}

function columnsOf(tokens: readonly (IssuedToken | undefined)[]): unknown[] {
  return [
    byteaArray(tokens.map((token) => token?.id ?? null)),
    textArray(tokens.map((token) => token?.scope ?? null)),
    jsonbArray(tokens.map((token) => token?.payload ?? null)),
    tokens.map((token) => token?.lifetimeSeconds ?? null),
  ];
}
