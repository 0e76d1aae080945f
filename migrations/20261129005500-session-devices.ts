/** Where a session is used, for its owner to tell one from another: the browser's own words, and an address. */

import type { Knex } from 'knex';

/** Older code neither reads nor writes what this adds. */
export const runsWith = '20261128203500-schema-compatibility.ts';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    alter table sessions
      add column user_agent text check (length(user_agent) <= 512),
      add column address text,
      add column last_used_at timestamptz;`);

export const down = (knex: Knex) =>
  knex.schema.raw(`
    alter table sessions
      drop column last_used_at, drop column address, drop column user_agent;`);
