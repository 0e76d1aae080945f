/** The short-lived rest of what oidc-provider keeps: interactions, pushed requests, replay records, registration tokens. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table provider_records (
      kind text not null,
      id bytea not null check (length(id) = 32),
      client_id text references clients on delete cascade,
      payload jsonb not null,
      expires_at timestamptz,
      consumed_at timestamptz,
      primary key (kind, id)
    );
    create index provider_records_by_client on provider_records (client_id);
    create index provider_records_by_expiry on provider_records (expires_at);`);

export const down = (knex: Knex) => knex.schema.raw(`drop table provider_records`);
