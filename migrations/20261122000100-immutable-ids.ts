/** A guard that other tables use: an id, once given, never changes. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create function usher_keep_id() returns trigger language plpgsql as $$
    begin
      raise exception 'the id of % never changes', tg_table_name using errcode = 'restrict_violation';
    end $$`);

export const down = (knex: Knex) => knex.schema.raw('drop function usher_keep_id()');
