/**
 * What was registered from which network, so that the same registration gives back the same client: hosts
 * that run on many machines, or anew each time, register the same over and over.
 */

import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.schema.raw(`
    create table client_registrations (
      network bytea not null check (length(network) = 32),
      fingerprint bytea not null check (length(fingerprint) = 32),
      client_id text not null unique references clients on delete cascade,
      times integer not null default 1,
      primary key (network, fingerprint)
    )`);

export const down = (knex: Knex) => knex.schema.raw('drop table client_registrations');

/** Older code makes a client each time. */
export const runsWith = '20261129091402-client-documents.ts';
