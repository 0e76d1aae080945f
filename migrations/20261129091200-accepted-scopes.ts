/**
 * What a resource server accepts, and what is asked for it by default: scopes in canonical form. Null
 * accepts every scope, and has no default; a default that is null is all that it accepts.
 */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    alter table clients
      add column accepted_scope text,
      add column default_scope text`);

export const down = (knex: Knex) =>
  knex.schema.raw('alter table clients drop column default_scope, drop column accepted_scope');

export const runsWith = '20261129070800-longer-refresh-retries.ts';
