/** The host of an application's home page, once its developer has proved it by a record of its DNS. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table client_proved_hosts (
      client_id text primary key references clients on delete cascade,
      host text not null,
      at timestamptz not null
    )`);

export const down = (knex: Knex) => knex.schema.raw('drop table client_proved_hosts');

/** Older code knows nothing of it. */
export const runsWith = '20261129091402-client-documents.ts';
