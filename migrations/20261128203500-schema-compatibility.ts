/**
 * What older code can live with: for a migration, the newest migration that code must know to run on
 * the database after it. A migration without a row needs code that has its file.
 */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table schema_compatibility (
      migration text primary key,
      runs_with text not null
    )`);

export const down = (knex: Knex) => knex.schema.raw('drop table schema_compatibility');
