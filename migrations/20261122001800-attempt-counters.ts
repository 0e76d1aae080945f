/** Counters that throttle guessing; a bucket is the SHA-256 of what it counts for. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table attempt_counters (
      bucket bytea primary key check (length(bucket) = 32),
      attempts integer not null,
      window_ends_at timestamptz not null
    );
    create index attempt_counters_by_window on attempt_counters (window_ends_at);`);

export const down = (knex: Knex) => knex.schema.raw(`drop table attempt_counters`);
