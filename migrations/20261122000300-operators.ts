/** The people who run Usher; rows are made on the command line only. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table operators (
      account_id uuid primary key references accounts on delete cascade,
      created_at timestamptz not null default now()
    );`);

export const down = (knex: Knex) => knex.schema.raw(`drop table operators`);
