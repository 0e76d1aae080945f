/** How members are found and sorted by name and address, among very many; in the order of characters. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create index accounts_by_name on accounts ((lower(name) collate "C"), id);
    create index accounts_by_last_name
      on accounts ((lower(substring(name from '[^ ]+$')) collate "C"));
    create index accounts_by_address on accounts ((email collate "C"), id);`);

export const down = (knex: Knex) =>
  knex.schema.raw(`
    drop index accounts_by_address;
    drop index accounts_by_last_name;
    drop index accounts_by_name`);
