/** What operators set for single clients, beside what the clients say about themselves. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    alter table clients add column settings jsonb not null default '{}'
      check (jsonb_typeof(settings) = 'object')`);

export const down = (knex: Knex) => knex.schema.raw('alter table clients drop column settings');
