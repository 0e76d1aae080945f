/** Finds the few Organization Administrators among many members. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create index organization_administrators
      on organization_members (organization_id, account_id) where role = 'organization_admin'`);

export const down = (knex: Knex) => knex.schema.raw('drop index organization_administrators');
