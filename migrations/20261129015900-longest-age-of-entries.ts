/**
 * An organization may set a longest age, in days, of what was consented to in it: an older entry
 * gives nothing until it is consented to again. What stands counts as consented to now. The index
 * holds the organizations with such an age alone: with none, the look for one ends at once.
 */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    alter table consent_entries add column consented_at timestamptz not null default now();
    alter table organizations
      add column max_entry_days integer,
      add constraint organizations_max_entry_days_check check (max_entry_days between 1 and 3650);
    create index organizations_with_entry_age on organizations (id)
      where max_entry_days is not null`);

export const down = (knex: Knex) =>
  knex.schema.raw(`
    alter table organizations drop column max_entry_days;
    alter table consent_entries drop column consented_at`);
