/** The language of the pages on which somebody last signed in: mails that others bring about are in it. */

import type { Knex } from 'knex';

/** Older code neither reads nor writes what this adds. */
export const runsWith = '20261128203500-schema-compatibility.ts';

export const up = (knex: Knex) =>
  knex.schema.raw(
    'alter table accounts add column locale text check (length(locale) between 2 and 35);',
  );

export const down = (knex: Knex) => knex.schema.raw('alter table accounts drop column locale;');
