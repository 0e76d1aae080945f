/**
 * What happened to an application, for its developers, for 30 days: all of it counted by day, and the newest
 * of what is certain in rows of its own. Nothing in it says whose request it was.
 */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table application_events (
      id bigint generated always as identity primary key,
      client_id text not null references clients on delete cascade,
      kind text not null,
      reason text not null,
      detail text not null,
      at timestamptz not null
    );
    create index application_events_by_client on application_events (client_id, kind, id);
    create index application_events_by_age on application_events (at);
    create table application_event_counts (
      client_id text not null references clients on delete cascade,
      day date not null,
      kind text not null,
      reason text not null,
      is_known boolean not null,
      detail text not null,
      count integer not null,
      last_at timestamptz not null,
      primary key (client_id, day, kind, reason, is_known, detail)
    );
    create index application_event_counts_by_age on application_event_counts (day)`);

export const down = (knex: Knex) =>
  knex.schema.raw('drop table application_event_counts; drop table application_events');

export const runsWith = '20261129070200-own-applications.ts';
