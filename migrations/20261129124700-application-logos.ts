/** The logo of an application, as we made it from what its developer uploaded. */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table client_logos (
      client_id text primary key references clients on delete cascade,
      digest text not null,
      image bytea not null check (octet_length(image) between 1 and 65536)
    );
    create index client_logos_by_digest on client_logos (digest)`);

export const down = (knex: Knex) => knex.schema.raw('drop table client_logos');

/** Older code knows nothing of it. */
export const runsWith = '20261129105103-proved-hosts.ts';
