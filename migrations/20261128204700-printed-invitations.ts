/** Whether an operator printed the link of an invitation: then whoever holds it has proven no address. */

import type { Knex } from 'knex';

/** Older code neither reads nor writes what this adds. */
export const runsWith = '20261128203500-schema-compatibility.ts';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    alter table invitations add column is_printed boolean not null default false`);

export const down = (knex: Knex) =>
  knex.schema.raw('alter table invitations drop column is_printed');
