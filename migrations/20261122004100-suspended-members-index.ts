/** The members who are suspended, found among many who are not. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create index organization_members_suspended
      on organization_members (organization_id, joined_at, account_id)
      where suspended_at is not null`);

export const down = (knex: Knex) => knex.schema.raw('drop index organization_members_suspended');
