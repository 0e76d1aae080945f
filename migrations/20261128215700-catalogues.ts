/**
 * Each catalogue that ever served: a scope that people consented to under one of them never reaches
 * further under another.
 */

import type { Knex } from 'knex';

/** Older code does not keep its catalogue, and hinders nobody. */
export const runsWith = '20261128203500-schema-compatibility.ts';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table catalogues (
      digest text primary key check (digest ~ '^[0-9a-f]{64}$'),
      content jsonb not null check (jsonb_typeof(content) = 'object'),
      first_served_at timestamptz not null default now()
    )`);

export const down = (knex: Knex) => knex.schema.raw('drop table catalogues');
