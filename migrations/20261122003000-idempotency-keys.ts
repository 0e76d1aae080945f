/** Answers to creations that came with an idempotency key, and to batches of an import, for a day. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table idempotency_keys (
      id bytea primary key check (length(id) = 32),
      fingerprint bytea not null check (length(fingerprint) = 32),
      answer text,
      expires_at timestamptz not null
    );
    create index idempotency_keys_by_expiry on idempotency_keys (expires_at);`);

export const down = (knex: Knex) => knex.schema.raw('drop table idempotency_keys');
