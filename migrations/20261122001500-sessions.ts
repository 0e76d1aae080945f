/** Browser sessions; the cookie is kept as its SHA-256 only. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table sessions (
      id bytea primary key check (length(id) = 32),
      uid text not null unique,
      account_id uuid references accounts on delete cascade,
      payload jsonb not null,
      created_at timestamptz not null default now(),
      expires_at timestamptz not null
    );
    create index sessions_by_account on sessions (account_id);
    create index sessions_by_expiry on sessions (expires_at);`);

export const down = (knex: Knex) => knex.schema.raw(`drop table sessions`);
