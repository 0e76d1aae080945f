/** Why an administrator declined what a member asked to have approved, for that member to read. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    alter table approval_requests
      add column declined_reason text check (length(declined_reason) between 1 and 500)`);

export const down = (knex: Knex) =>
  knex.schema.raw('alter table approval_requests drop column declined_reason');

export const runsWith = '20261129091000-application-policy.ts';
