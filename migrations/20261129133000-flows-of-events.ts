/** Which steps of an application's life belong to one authorization, by a name that tells nothing of it. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`alter table application_events add column flow text not null default ''`);

export const down = (knex: Knex) =>
  knex.schema.raw('alter table application_events drop column flow');

/** Older code writes events that belong to none. */
export const runsWith = '20261129124700-application-logos.ts';
