/**
 * What a spent refresh token was exchanged for, encrypted under that token, for the client that lost
 * the answer. Rows live a minute. There is no foreign key: an answer whose token is gone opens to
 * nobody, and the check would cost each refresh more than the row.
 */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table refresh_retries (
      token_id bytea primary key check (length(token_id) = 32),
      answer bytea not null,
      expires_at timestamptz not null default now() + interval '1 minute'
    );
    create index refresh_retries_by_expiry on refresh_retries (expires_at);`);

export const down = (knex: Knex) => knex.schema.raw(`drop table refresh_retries`);
