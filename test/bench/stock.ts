/**
 * Codes and refresh tokens for Usher to exchange, inserted in bulk: each with a grant of its own,
 * under the consents that the redeeming application has.
 *
 * @module
 */

import type pg from 'pg';
import { sha256 } from '../../src/lib/secrets.ts';
import { challenge, redeemer, redirectUri } from './actors.ts';
import { grantedScope } from './fill.ts';

/** What is kept in stock. */
export type StockKind = 'AuthorizationCode' | 'RefreshToken';

/** Adds tokens of one kind that the redeemer can exchange, for a day. */
export async function addStock(
  client: pg.ClientBase,
  kind: StockKind,
  tokens: readonly string[],
): Promise<void> {
  await client.query(insert, [
    tokens.map((token) => sha256(token)),
    kind,
    redeemer.id,
    grantedScope,
    JSON.stringify(payloads[kind]),
  ]);
  await client.query('vacuum analyze tokens, grants');
  await client.query('checkpoint'); // what it writes is not a part of what is measured next
}

const payloads = {
  AuthorizationCode: {
    iat: 1_800_000_000,
    redirectUri,
    codeChallenge: challenge,
    codeChallengeMethod: 'S256',
    claims: {},
  },
  RefreshToken: { iat: 1_800_000_000, gty: 'authorization_code', claims: {}, rotations: 0 },
};

const insert = `
  with held as (
    select id, account_id, row_number() over () - 1 as n, count(*) over () as total
      from consents where client_id = $3),
  item as (
    select hash, n, 'stock ' || encode(hash, 'hex') as grant_id
      from unnest($1::bytea[]) with ordinality as hash (hash, n)),
  granted as (
    insert into grants (id, consent_id, account_id, client_id, payload, expires_at)
    select item.grant_id, held.id, held.account_id, $3,
      jsonb_build_object('iat', 1800000000, 'openid', jsonb_build_object('scope', $4::text)),
      now() + interval '300 days'
    from item join held on held.n = item.n % held.total
    returning id, consent_id, account_id, created_at)
  insert into tokens (id, kind, grant_id, consent_id, account_id, granted_at, client_id, scope,
    consent_version, payload, expires_at)
  select item.hash, $2, granted.id, granted.consent_id, granted.account_id, granted.created_at, $3,
    $4, 1,
    $5::jsonb || jsonb_build_object('accountId',
      'user_' || replace(granted.account_id::text, '-', '')),
    now() + interval '1 day'
  from item join granted on granted.id = item.grant_id`;
