/** Codes and tokens, known by their SHA-256 only. A spent refresh token keeps its answer encrypted under itself, for the client that lost it. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table tokens (
      id bytea primary key check (length(id) = 32),
      kind text not null
        check (kind in ('AccessToken', 'RefreshToken', 'AuthorizationCode', 'ClientCredentials')),
      grant_id text references grants on delete cascade,
      client_id text not null references clients on delete cascade,
      scope text not null default '',
      consent_version integer,
      payload jsonb not null,
      issued_at timestamptz not null default now(),
      expires_at timestamptz not null,
      consumed_at timestamptz,
      retry_answer bytea,
      check ((grant_id is null) = (kind = 'ClientCredentials'))
    );
    create index tokens_by_grant on tokens (grant_id);
    create index tokens_by_client on tokens (client_id);
    create index tokens_by_expiry on tokens (expires_at);`);

export const down = (knex: Knex) => knex.schema.raw(`drop table tokens`);
