/**
 * The most that applications which registered themselves may ask for: one row, written when a process
 * starts with another setting. Empty is the whole catalogue. Questions about tokens read it in the
 * statement that reads everything else.
 */

import type { Knex } from 'knex';

/** Older code bounds such an application by what it registered, which is never more than it may ask. */
export const runsWith = '20261128203500-schema-compatibility.ts';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table registration_ceiling (
      is_only boolean primary key default true check (is_only),
      scope text
    );
    insert into registration_ceiling (scope) values (null)`);

export const down = (knex: Knex) => knex.schema.raw('drop table registration_ceiling');
