/**
 * Links that set an account up and went out by mail: whoever uses one has proven the address. And whom
 * `SETUP_EMAIL` asked to be the first operator, which they are once they have used theirs.
 */

import type { Knex } from 'knex';

/** Older code makes links that were printed, and names operators itself. */
export const runsWith = '20261128203500-schema-compatibility.ts';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    alter table set_up_links add column proves_address boolean not null default false;
    alter table first_operator
      add column invited_account_id uuid references accounts on delete set null,
      add column invited_at timestamptz;`);

export const down = (knex: Knex) =>
  knex.schema.raw(`
    alter table first_operator drop column invited_account_id, drop column invited_at;
    alter table set_up_links drop column proves_address;`);
