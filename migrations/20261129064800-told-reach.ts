/**
 * What the user was told by mail about a consent: that it reaches production, that it manages people's
 * access. Each is told once, whatever becomes of the entries. What stands already is not told any more:
 * it is seen in the entries when the consent changes.
 */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    alter table consents
      add column told_production boolean not null default false,
      add column told_people boolean not null default false`);

export const down = (knex: Knex) =>
  knex.schema.raw('alter table consents drop column told_production, drop column told_people');
