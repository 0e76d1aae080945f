/** The people who sign in. `email` is kept in its normal form only, so one address is one account. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table accounts (
      id uuid primary key,
      email text not null unique check (email = lower(email) and length(email) between 3 and 254),
      name text not null check (length(name) between 1 and 100),
      password_hash text,
      email_verified_at timestamptz,
      status text not null default 'active' check (status in ('active', 'suspended', 'deleted')),
      created_at timestamptz not null default now()
    );
    create trigger keep_id before update of id on accounts
      for each row when (old.id is distinct from new.id) execute function usher_keep_id();`);

export const down = (knex: Knex) => knex.schema.raw(`drop table accounts`);
