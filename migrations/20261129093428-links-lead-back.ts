/**
 * Where a link by mail leads back to once it was used: an application's request, or a page. Sealed under the id
 * of the browser that asked for it, so it opens in that browser alone.
 */

import type { Knex } from 'knex';

/** Older code makes links that lead back nowhere. */
export const runsWith = '20261128203500-schema-compatibility.ts';

export const up = (knex: Knex) =>
  knex.schema.raw(
    'alter table account_links add column return_to bytea check (length(return_to) <= 4096);',
  );

export const down = (knex: Knex) =>
  knex.schema.raw('alter table account_links drop column return_to;');
