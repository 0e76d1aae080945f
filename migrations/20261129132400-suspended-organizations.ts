/** Operators suspend an organization: nothing of it is reached until they reinstate it. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    alter table organizations
      add column suspended_at timestamptz,
      add column suspension_reason text,
      add constraint organizations_suspension
        check ((suspended_at is null) = (suspension_reason is null)) not valid;
    alter table organizations validate constraint organizations_suspension`);

export const down = (knex: Knex) =>
  knex.schema.raw(`
    alter table organizations drop column suspension_reason, drop column suspended_at`);
