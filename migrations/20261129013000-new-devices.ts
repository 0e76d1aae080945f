/**
 * Whether anybody was ever signed in to an account, for the first sign-in is no news to its owner.
 *
 * Accounts that are there already may have been signed in to, so theirs counts as one; what is added
 * from now on begins with none.
 */

import type { Knex } from 'knex';

/** Older code neither reads nor writes what this adds. */
export const runsWith = '20261128203500-schema-compatibility.ts';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    alter table accounts add column has_signed_in boolean not null default true;
    alter table accounts alter column has_signed_in set default false;`);

export const down = (knex: Knex) =>
  knex.schema.raw('alter table accounts drop column has_signed_in;');
