/** Signing, cookie and encryption keys, wrapped by USHER_KEY. One row a purpose and generation, so nodes that start at once agree. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table keys (
      purpose text not null check (purpose in ('signing', 'cookie', 'form')),
      generation integer not null check (generation > 0),
      wrapped bytea not null,
      created_at timestamptz not null default now(),
      primary key (purpose, generation)
    );`);

export const down = (knex: Knex) => knex.schema.raw(`drop table keys`);
