/**
 * Whether an entry of an organization or a database reaches production branches is a choice of its
 * own. What was consented to before did; entries of branches and of accounts have no such choice.
 */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    alter table consent_entries
      add column includes_production boolean not null default true,
      add constraint consent_entries_production_choice
        check (includes_production or level in ('organization', 'database'))`);

export const down = (knex: Knex) =>
  knex.schema.raw('alter table consent_entries drop column includes_production');
