/** How accounts are found by any word of a name or an address, by how it begins, among very many. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create index accounts_by_words on accounts using gin (to_tsvector('simple',
      translate(lower(name) || ' ' || email, '.,;:@_+-/''"()&<>=*!#|~', repeat(' ', 22))))
      with (fastupdate = off)`);

export const down = (knex: Knex) => knex.schema.raw('drop index accounts_by_words');
