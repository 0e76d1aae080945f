/**
 * Codes and tokens, known by their SHA-256 only. Consent, account and age of the grant never change,
 * so they are copied here when a token is issued: introspection finds all in one row, and the foreign
 * key takes the row along with the grant, which goes with its client.
 */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table tokens (
      id bytea primary key check (length(id) = 32),
      kind text not null
        check (kind in ('AccessToken', 'RefreshToken', 'AuthorizationCode', 'ClientCredentials')),
      grant_id text references grants on delete cascade,
      consent_id uuid,
      account_id uuid,
      granted_at timestamptz,
      client_id text not null,
      scope text not null default '',
      consent_version integer,
      payload jsonb not null,
      issued_at timestamptz not null default now(),
      expires_at timestamptz not null,
      consumed_at timestamptz,
      check (num_nulls(grant_id, consent_id, account_id, granted_at)
        = case kind when 'ClientCredentials' then 4 else 0 end)
    );
    create index tokens_by_grant on tokens (grant_id);
    create index tokens_by_client on tokens (client_id) where grant_id is null;
    create index tokens_by_expiry on tokens (expires_at) where kind <> 'AuthorizationCode';
    create index codes_by_issue on tokens (issued_at) where kind = 'AuthorizationCode';`);

export const down = (knex: Knex) => knex.schema.raw(`drop table tokens`);
