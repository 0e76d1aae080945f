/** Most consents have one entry, some have hundreds. The planner is to expect several, so that an entry is looked up by its resource and never among all of its consent. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`alter table consent_entries alter column consent_id set (n_distinct = -0.1)`);

export const down = (knex: Knex) =>
  knex.schema.raw(`alter table consent_entries alter column consent_id reset (n_distinct)`);
