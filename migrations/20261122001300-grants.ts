/** Grants: one authorization under a consent each, the family of a code and its tokens on one device. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table grants (
      id text primary key,
      consent_id uuid not null,
      account_id uuid not null,
      client_id text not null,
      payload jsonb not null,
      created_at timestamptz not null default now(),
      last_used_at timestamptz,
      expires_at timestamptz not null,
      foreign key (consent_id, account_id, client_id)
        references consents (id, account_id, client_id) on delete cascade
    );
    create index grants_by_consent on grants (consent_id);
    create index grants_by_expiry on grants (expires_at);`);

export const down = (knex: Knex) => knex.schema.raw(`drop table grants`);
